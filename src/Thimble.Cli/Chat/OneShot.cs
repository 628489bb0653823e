using System.Text;
using System.Text.Json;
using Thimble.Cli.Options;
using Thimble.Cli.Output;

namespace Thimble.Cli.Chat;

/// <summary>One prompt and what the model makes of it.</summary>
internal sealed class OneShot(Terminal terminal, Model model, RunRequest request)
{
    /// <summary>Writes the outcome as it comes.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string prompt, CancellationToken stop)
    {
        var conversation = new Conversation(model, request.Raw);
        conversation.Tell(request.System);
        conversation.Say(prompt, [.. request.Images.Select(File.ReadAllBytes)]);
        Prompt whole = conversation.Prompt();
        if (conversation.Continues && !request.Json)
            Introduction.Write(terminal, model, request.Raw);

        using Session session = model.CreateSession();
        Generation generation = session.Continue(whole, request.Settings.Generation, stop);
        StringBuilder? gathered = request.Json ? new() : null;
        bool interrupted = !await WriteAsync(generation, conversation.Continues && request.Echo && !model.IsEncoderDecoder ? prompt : "", gathered, stop);
        if (gathered is not null)
            WriteJson(prompt, gathered.ToString(), generation);
        else
            Finish(generation);
        return interrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Writes the text.</summary>
    /// <returns>Whether it came to its end.</returns>
    private async Task<bool> WriteAsync(Generation generation, string beginning, StringBuilder? whole, CancellationToken stop)
    {
        TextWriter output = terminal.Out;
        bool line = false;
        if (whole is null)
        {
            output.Write(beginning);
            output.Flush();
        }

        try
        {
            await foreach (string piece in generation)
            {
                if (whole is not null)
                {
                    whole.Append(piece);
                    continue;
                }

                output.Write(piece);
                output.Flush();
                line = piece[^1] == '\n';
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (whole is null)
                output.WriteLine();
            return false;
        }

        if (whole is null && !line)
            output.WriteLine();
        return true;
    }

    private void Finish(Generation generation)
    {
        terminal.Out.Flush();
        if (generation.FinishReason == FinishReason.ContextFull)
            terminal.Error.WriteLine($"note: the context of {model.ContextLength} tokens is full.");
        if (request.Verbose)
            Timings.Write(terminal.Error, generation);
    }

    private void WriteJson(string prompt, string text, Generation generation)
    {
        var report = RunReport.Of(model.Name, prompt, text, generation);
        terminal.Out.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.RunReport));
    }
}
