using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Evaluate;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble perplexity MODEL --text FILE</c>: how much a text surprises a model.</summary>
internal static class PerplexityCommand
{
    public static Command Create(Terminal terminal)
    {
        var reading = new ReadingOptions();
        var stride = new Option<int?>("--stride") { Description = "Let windows overlap, each N tokens on, and score each token once, as Hugging Face does.", HelpName = "N" };
        var command = new Command("perplexity", "Measure how much a text surprises a model.") { stride };
        reading.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string text = await reading.TextAsync(parsed, terminal, stop);
            string? model = reading.Model(parsed, terminal);
            WindowOptions windows = reading.Windows(parsed) with { Stride = parsed.GetValue(stride) };
            var work = Task.Run(() => Perplexity.Measure(model, text, windows, reading, stop), stop);
            await Waiting.ForAsync(terminal, "reading the text", work, reading.Share);
            Perplexity found = await work;
            string read = found.Windows == 1 ? "one window" : $"{found.Windows} windows";
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"perplexity {found.Value:F4} +/- {found.Error:F4} ({found.Tokens} tokens scored in {read})"));
            return ExitCode.Success;
        });
        return command;
    }
}
