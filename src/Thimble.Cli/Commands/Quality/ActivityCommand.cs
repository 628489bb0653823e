using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Analyze;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble activity MODEL --text FILE</c>: how much of a model is at work, and how well its exits and heads foretell what it says.</summary>
internal static class ActivityCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "A model's name, file or folder." };
        var text = new Option<string>("--text", "--file", "-f") { Description = "The text to read.", HelpName = "FILE", Required = true };
        var length = new Option<int>("--ctx-size", "-c") { Description = "Tokens of a window.", HelpName = "N", DefaultValueFactory = _ => 256 };
        var windows = new Option<int>("--chunks") { Description = "The most windows to read.", HelpName = "N", DefaultValueFactory = _ => 16 };
        var exits = new Option<int[]>("--exit") { Description = "Score the outcome of this layer too, as an early exit. May be repeated.", HelpName = "LAYER" };
        var heads = new Option<string>("--heads") { Description = "Medusa heads of the model.", HelpName = "FILE" };
        var threads = new Option<int?>("--threads", "-t") { Description = "Threads that compute; one on each physical core by default.", HelpName = "N" };
        var command = new Command("activity", "Show how much of a model is at work while it reads, and how well its exits and heads foretell it.") { model, text, length, windows, exits, heads, threads };
        command.SetAction(async (parsed, stop) =>
        {
            string path = parsed.GetRequiredValue(text);
            string read = File.Exists(path) ? await File.ReadAllTextAsync(path, stop) : throw new FileNotFoundException($"There is no text file '{path}'; give one with --text.", path);
            var options = new ActivityOptions
            {
                Length = Math.Max(2, parsed.GetValue(length)),
                Windows = Math.Max(1, parsed.GetValue(windows)),
                Exits = parsed.GetValue(exits) ?? [],
                Heads = parsed.GetValue(heads),
                Threads = parsed.GetValue(threads),
            };
            string? name = Words.Model(parsed.GetRequiredValue(model), terminal);
            Say(terminal, await Task.Run(() => ModelActivity.Measure(name, read, options, stop), stop));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Say(Terminal terminal, ModelActivity found)
    {
        Line($"{found.Tokens} tokens read, perplexity {found.Perplexity:F3}");
        Line($"weights a token meets: {Units.Bytes(found.BytesPerToken)} of {Units.Bytes(found.Bytes)} ({(double)found.BytesPerToken / found.Bytes:P1})");
        if (found.Layers.Length > 0)
            Line($"features at nothing inside feed-forward blocks: {found.Sparsity:P1} (by layer {string.Join(", ", found.Layers.Select(layer => ((double)layer.Nothing / layer.Features).ToString("P0", CultureInfo.InvariantCulture)))})");
        foreach (LayerActivity layer in found.Layers.Where(layer => layer.Experts.Length > 0))
            Line($"layer {layer.Layer}: {layer.Experts.Length} experts, {layer.Experts.Count(share => share > 0)} of them met; busiest {layer.Experts.Max():P1} of choices, idlest {layer.Experts.Min():P1}");
        foreach (Foresight exit in found.Exits)
            Line($"{exit.Name}: as the whole model in {exit.Agreed:P1}, as the text in {exit.Right:P1}, perplexity {exit.Perplexity:F2}");
        foreach (Foresight head in found.Heads)
            Line($"{head.Name}: as the whole model in {head.Agreed:P1}, as the text in {head.Right:P1}");

        void Line(FormattableString text) => terminal.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }
}
