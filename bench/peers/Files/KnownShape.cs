namespace Thimble.Peers.Files;

/// <summary>The sizes of a known model, from its published configuration.</summary>
internal sealed record KnownShape
{
    /// <summary>The models of the scoreboard.</summary>
    public static IReadOnlyList<KnownShape> All { get; } =
    [
        new()
        {
            Name = "SmolLM2-135M", Architecture = "llama", Splitter = "smollm", Layers = 30, Width = 576, Heads = 9, KeyHeads = 3, HeadSize = 64,
            Wide = 1536, Vocabulary = 49_152, Context = 8192, FrequencyBase = 100_000, Epsilon = 1e-5,
        },
        new()
        {
            Name = "Qwen2.5-0.5B", Architecture = "qwen2", Splitter = "qwen2", Layers = 24, Width = 896, Heads = 14, KeyHeads = 2, HeadSize = 64,
            Wide = 4864, Vocabulary = 151_936, Context = 32_768, FrequencyBase = 1_000_000, Epsilon = 1e-6, HasBiases = true,
        },
        new()
        {
            Name = "Qwen3-0.6B", Architecture = "qwen3", Splitter = "qwen2", Layers = 28, Width = 1024, Heads = 16, KeyHeads = 8, HeadSize = 128,
            Wide = 3072, Vocabulary = 151_936, Context = 40_960, FrequencyBase = 1_000_000, Epsilon = 1e-6, HasHeadNorms = true,
        },
        new()
        {
            Name = "Llama-3.2-1B", Architecture = "llama", Splitter = "llama-bpe", Layers = 16, Width = 2048, Heads = 32, KeyHeads = 8, HeadSize = 64,
            Wide = 8192, Vocabulary = 128_256, Context = 131_072, FrequencyBase = 500_000, Epsilon = 1e-5, HasFrequencyFactors = true,
        },
    ];

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its architecture, as GGUF names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>How its tokenizer splits words, as GGUF names it.</summary>
    public required string Splitter { get; init; }

    public required int Layers { get; init; }

    public required int Width { get; init; }

    public required int Heads { get; init; }

    public required int KeyHeads { get; init; }

    public required int HeadSize { get; init; }

    /// <summary>Features inside the feed-forward.</summary>
    public required int Wide { get; init; }

    public required int Vocabulary { get; init; }

    public required int Context { get; init; }

    public required double FrequencyBase { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool HasBiases { get; init; }

    /// <summary>Whether each head's queries and keys are normalised.</summary>
    public bool HasHeadNorms { get; init; }

    /// <summary>Whether the rotation's frequencies are stretched one by one.</summary>
    public bool HasFrequencyFactors { get; init; }

    /// <summary>The shape of a name, or of the only name that begins so.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static KnownShape Named(string name)
    {
        KnownShape[] found = [.. All.Where(shape => shape.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException($"Model '{name}' is unknown; known: {string.Join(", ", All.Select(shape => shape.Name))}.");
    }
}
