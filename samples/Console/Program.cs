// dotnet run --project samples/Console [model file] [beginning of the story]
using Thimble;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;   // end the story, not the process: the model is closed in order
    stop.Cancel();
};

string beginning = args.Length > 1 ? args[1] : "Once upon a time";
using Model model = args.Length > 0 ? Model.Open(args[0]) : Model.OpenDefault();

Console.Write(beginning);
try
{
    await foreach (string text in model.Generate(beginning, new GenerationOptions { MaxTokens = 128 }, stop.Token))
        Console.Write(text);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Write(" …");
}

Console.WriteLine();
