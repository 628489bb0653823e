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
        var command = new Command("perplexity", "Measure how much a text surprises a model.");
        reading.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string text = await reading.TextAsync(parsed, terminal, stop);
            string? model = reading.Model(parsed, terminal);
            var work = Task.Run(() => Perplexity.Measure(model, text, reading.Windows(parsed), reading, stop), stop);
            await Waiting.ForAsync(terminal, "reading the text", work, reading.Share);
            Perplexity found = await work;
            string windows = found.Windows == 1 ? "one window" : $"{found.Windows} windows";
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"perplexity {found.Value:F4} +/- {found.Error:F4} ({found.Tokens} tokens scored in {windows})"));
            return ExitCode.Success;
        });
        return command;
    }
}
