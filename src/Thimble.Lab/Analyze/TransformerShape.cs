using Thimble.Models.Files;

namespace Thimble.Lab.Analyze;

/// <summary>The sizes from which analytical tools work out a transformer's cost.</summary>
/// <param name="Name">The model.</param>
/// <param name="Width">Features of a token.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key-value heads.</param>
/// <param name="FeedForward">Wide features of a feed-forward block, or of one expert.</param>
/// <param name="Vocabulary">Tokens.</param>
internal sealed record TransformerShape(string Name, int Width, int Layers, int Heads, int KeyValueHeads, int FeedForward, int Vocabulary)
{
    /// <summary>Features of a head.</summary>
    public int HeadSize { get; init; } = Width / Math.Max(Heads, 1);

    /// <summary>Matrices that widen a token: 2 for a gated block, 1 for a plain one.</summary>
    public int Widenings { get; init; } = 2;

    /// <summary>Experts; 1 for a dense model.</summary>
    public int Experts { get; init; } = 1;

    /// <summary>Experts that a token meets.</summary>
    public int ExpertsUsed { get; init; } = 1;

    /// <summary>Sizes of a selective state space in attention's place: states, taps, expansion and rank; null for attention.</summary>
    public (int States, int Taps, int Expansion, int Rank)? StateSpace { get; init; }

    /// <summary>Reads the sizes from a model's metadata.</summary>
    /// <param name="file">The model.</param>
    /// <exception cref="InvalidDataException">A size is missing.</exception>
    public static TransformerShape Of(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        int width = Whole("embedding_length") ?? throw Missing("embedding_length"), heads = Whole("attention.head_count") ?? 1;
        int experts = Whole("expert_count") ?? 1;
        return new(
            file.Path, width, Whole("block_count") ?? throw Missing("block_count"), Math.Max(heads, 1), Math.Max(1, Whole("attention.head_count_kv") ?? heads),
            (experts > 1 ? Whole("expert_feed_forward_length") : null) ?? Whole("feed_forward_length") ?? 4 * width,
            Whole("vocab_size") ?? (int)(file.TryGetTensor("token_embd.weight", out StoredTensor? table) ? table.Rows : throw Missing("vocab_size")))
        {
            HeadSize = Whole("attention.key_length") ?? (width / Math.Max(heads, 1)),
            Widenings = file.Tensors.Any(tensor => tensor.Name.Contains("ffn_gate", StringComparison.Ordinal)) ? 2 : 1,
            Experts = Math.Max(1, experts),
            ExpertsUsed = Math.Max(1, Whole("expert_used_count") ?? 1),
            StateSpace = Whole("ssm.state_size") is { } states && Whole("ssm.inner_size") is { } inner
                ? (states, Whole("ssm.conv_kernel") ?? 4, Math.Max(1, inner / width), Whole("ssm.time_step_rank") ?? Math.Max(1, width / 16))
                : null,
        };

        int? Whole(string key) => file.Metadata.TryGet($"{file.Architecture}.{key}", out object? value)
            ? value switch { long whole => (int)whole, MetadataArray { Count: > 0 } each => (int)each.Integers().Max(), _ => null }
            : null;

        InvalidDataException Missing(string key) => new($"'{file.Path}' has no metadata key '{file.Architecture}.{key}'.");
    }
}
