using System.CommandLine;
using Thimble.Cli.Output;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble quantize IN OUT TYPE</c>: a model with smaller numbers.</summary>
internal static class QuantizeCommand
{
    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("IN") { Description = "A model's name, file or folder." };
        var target = new Argument<string>("OUT") { Description = "The GGUF file to write." };
        var type = new Argument<string>("TYPE") { Description = $"The number format: {string.Join(", ", Rewriting.Formats)}.", HelpName = "TYPE" };
        type.CompletionSources.Add(_ => Rewriting.Formats.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var pure = new Option<bool>("--pure") { Description = "Store the matrix that scores the vocabulary no finer than the others." };
        var threads = new Option<int?>("--threads", "-t") { Description = "Threads that encode; one on each processor by default.", HelpName = "N" };
        var command = new Command("quantize", "Write a model in a smaller number format.") { source, target, type, pure, threads };
        command.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(threads) is < 1 and var few)
                throw new ArgumentException($"--threads: {few} is too small; expected 1 or more.");
            return new Rewriting(terminal, new() { Format = parsed.GetRequiredValue(type), Pure = parsed.GetValue(pure), Threads = parsed.GetValue(threads) })
                .RunAsync(parsed.GetRequiredValue(source), parsed.GetRequiredValue(target), stop);
        });
        return command;
    }
}
