using System.CommandLine;
using System.Text.Json.Serialization;

namespace Thimble.Cli.Commands;

/// <summary>The options of commands that read texts into vectors or scores.</summary>
internal sealed class VectorOptions
{
    private readonly Option<int?> _length = new("--ctx-size", "-c") { Description = "The most tokens of a text; what the model was made for by default.", HelpName = "N" };
    private readonly Option<int?> _threads = new("--threads", "-t") { Description = "Threads that compute; one on each physical core by default.", HelpName = "N" };
    private readonly Option<bool> _exact = new("--exact") { Description = "Keep activations as 32-bit floats." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_length, _threads, _exact])
            command.Options.Add(option);
    }

    /// <summary>Opens the model that is named.</summary>
    public Model Open(ParseResult parsed, string name, Terminal terminal)
    {
        ModelOptions options = new() { ContextLength = parsed.GetValue(_length), Threads = parsed.GetValue(_threads), Exact = parsed.GetValue(_exact) };
        return Words.Model(name, terminal) is { } path ? Model.Open(path, options) : Model.OpenDefault(options);
    }

    /// <summary>The texts that were typed, or else the lines that are piped in.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static async Task<string[]> TextsAsync(string[] typed, string kind, Terminal terminal, CancellationToken stop)
    {
        if (typed.Length == 0 && !terminal.HasKeys)
            typed = (await terminal.In.ReadToEndAsync(stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return typed.Length > 0 ? typed : throw new ArgumentException($"There is no {kind}: give some behind the model, or pipe them in, one a line.");
    }
}

/// <summary>A line of <c>embed --json</c>.</summary>
internal sealed record EmbeddingReport(int Index, string Text, ReadOnlyMemory<float> Embedding);

/// <summary>A line of <c>rerank --json</c>.</summary>
internal sealed record RankReport(int Index, string Document, float Score);

/// <summary>How both are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbeddingReport))]
[JsonSerializable(typeof(RankReport))]
internal sealed partial class VectorJson : JsonSerializerContext;
