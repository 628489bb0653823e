// dotnet run --project samples/Train MODEL TEXT [steps]
using Thimble;
using Thimble.Lab.Training;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: MODEL TEXT [STEPS]: a GGUF file, and a text file whose parts stand apart by <|endoftext|>");
    return 2;
}

// All that `thimble train` can do is a recipe: a YAML file (TrainingRecipe.Load), or this record.
var recipe = new TrainingRecipe
{
    Model = args[0],
    Texts = [new TrainingText(args[1])],
    Adapter = new TrainedAdapterOptions { Kind = "lora", Rank = 8, Alpha = 16 },
    Trainer = new TrainerOptions
    {
        Steps = args.Length > 2 ? int.Parse(args[2]) : 100,
        Optimiser = new OptimiserOptions { Rate = 3e-3f },
        Schedule = new Schedule { WarmUp = 10 },
    },
    BatchTokens = 1024,
    Output = Path.GetFullPath("taught.gguf"),
};

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;   // the step ends and a checkpoint is kept: the same command goes on from it
    stop.Cancel();
};

using (var run = new TrainingRun(recipe))
using (var curve = new LearningCurve(recipe.Output, run.Steps))
{
    double loss = run.Train(curve, stop.Token);
    curve.WritePage();
    Console.Write(curve.ToText());
    Console.WriteLine($"held out: {loss:F3} nats a token; {curve.PagePath}");
}

if (stop.IsCancellationRequested)
    return 130;
using var model = Model.Open(args[0]);
using Adapter taught = model.LoadAdapter(recipe.Output);
await foreach (string text in model.Generate("Once upon a time", new GenerationOptions { MaxTokens = 64, Adapters = [new AppliedAdapter(taught)] }))
    Console.Write(text);
Console.WriteLine();
return 0;
