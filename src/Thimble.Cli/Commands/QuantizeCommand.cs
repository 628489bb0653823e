using System.CommandLine;
using Thimble.Cli.Output;
using Thimble.Lab.Quantize;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble quantize IN OUT TYPE</c>: a model with smaller numbers.</summary>
internal static class QuantizeCommand
{
    private static readonly Option<bool> s_pure = new("--pure") { Description = "Store all matrices in the mix's base format." };
    private static readonly Option<bool> s_keepHead = new("--leave-output-tensor") { Description = "Leave output.weight as it is." };
    private static readonly Option<bool> s_again = new("--allow-requantize") { Description = "Take a model that is quantised already; its errors add up." };
    private static readonly Option<string?> s_head = new("--output-tensor-type") { Description = "The format of output.weight.", HelpName = "TYPE" };
    private static readonly Option<string?> s_embedding = new("--token-embedding-type") { Description = "The format of token_embd.weight.", HelpName = "TYPE" };
    private static readonly Option<string?> s_importance = new("--imatrix") { Description = "An importance matrix, as thimble imatrix writes it.", HelpName = "FILE" };
    private static readonly Option<int?> s_threads = new("--threads", "-t") { Description = "Threads that encode; one on each processor by default.", HelpName = "N" };

    private static readonly Option<string[]> s_tensors = new("--tensor-type")
    {
        Description = "The format of tensors whose name matches a regular expression; may be repeated, the first that matches decides.",
        HelpName = "PATTERN=TYPE",
    };

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("IN") { Description = "A model's name, file or folder." };
        var target = new Argument<string>("OUT") { Description = "The GGUF file to write." };
        var type = new Argument<string>("TYPE") { Description = $"A mix or number format: {string.Join(", ", Rewriting.Types)}.", HelpName = "TYPE" };
        type.CompletionSources.Add(_ => Rewriting.Types.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var command = new Command("quantize", "Write a model in a smaller number format.")
        {
            source, target, type, s_importance, s_pure, s_tensors, s_head, s_embedding, s_keepHead, s_again, s_threads,
        };
        command.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(s_threads) is < 1 and var few)
                throw new ArgumentException($"--threads: {few} is too small; expected 1 or more.");
            var options = new QuantizeOptions
            {
                Type = parsed.GetRequiredValue(type),
                Pure = parsed.GetValue(s_pure),
                KeepHead = parsed.GetValue(s_keepHead),
                AllowRequantize = parsed.GetValue(s_again),
                HeadType = parsed.GetValue(s_head),
                EmbeddingType = parsed.GetValue(s_embedding),
                TensorTypes = [.. (parsed.GetValue(s_tensors) ?? []).Select(Pair)],
                Importance = parsed.GetValue(s_importance) is { } path ? ImportanceMatrix.Load(path) : null,
                Threads = parsed.GetValue(s_threads),
            };
            return new Rewriting(terminal, options).RunAsync(parsed.GetRequiredValue(source), parsed.GetRequiredValue(target), stop);
        });
        return command;
    }

    /// <summary>Splits at the last equals sign: a pattern may hold others.</summary>
    private static KeyValuePair<string, string> Pair(string text) => text.LastIndexOf('=') is > 0 and var at && at < text.Length - 1
        ? new(text[..at], text[(at + 1)..])
        : throw new ArgumentException($"--tensor-type: '{text}' cannot be read; expected PATTERN=TYPE, as in ffn_down=Q6_K.");
}
