using Thimble.Models.Architectures;
using Thimble.Models.Files;
using Thimble.Models.Vision;

namespace Thimble.Library;

/// <summary>What a model file comes to, read from its header: also for architectures and formats that this build cannot run.</summary>
public sealed record ModelSummary
{
    /// <summary>The architecture's name, such as <c>qwen3</c>; null where the file does not say.</summary>
    public string? Architecture { get; init; }

    /// <summary>The model's own name; null where the file does not say.</summary>
    public string? Name { get; init; }

    /// <summary>Whether this build runs the architecture.</summary>
    public bool IsRunnable { get; init; }

    /// <summary>The architectures this build runs.</summary>
    public static IReadOnlyCollection<string> KnownArchitectures => Architectures.Known;

    /// <summary>The blocks that its tensors suggest, each with the name of such a tensor, as in <c>latent attention (blk.0.attn_kv_a_mqa.weight)</c>.</summary>
    public IReadOnlyList<string> SuggestedBlocks { get; init; } = [];

    /// <summary>The kind of projector, as <c>clip.projector_type</c> names it, where the file gives sight to a text model; null for any other file.</summary>
    public string? Projector { get; init; }

    /// <summary>The kinds of projectors this build knows.</summary>
    public static IReadOnlyCollection<string> KnownProjectors => [.. Projectors.Known];

    /// <summary>Values of all tensors.</summary>
    public long Parameters { get; init; }

    /// <summary>Bytes of all tensors whose format is known.</summary>
    public long Bytes { get; init; }

    /// <summary>The format that most values are stored in; empty without tensors.</summary>
    public string Format { get; init; } = "";

    /// <summary>Bits for one value, on average over the tensors whose format is known.</summary>
    public double BitsPerWeight { get; init; }

    /// <summary>The most tokens it was made for; null where the file does not say.</summary>
    public long? ContextLength { get; init; }

    /// <summary>Bytes that keys and values of one token take as F16; 0 for a model without attention, null where the file does not say.</summary>
    /// <remarks>An upper bound: layers that look back only a window, or share their keys, take less.</remarks>
    public long? CacheBytesPerToken { get; init; }

    /// <summary>Summarises a model file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The summary.</returns>
    /// <remarks>Cost: reads the header only.</remarks>
    public static ModelSummary Of(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Dictionary<string, long> values = [];
        long known = 0, bytes = 0, all = 0;
        foreach (StoredTensor tensor in file.Tensors)
        {
            long count = tensor.Rows * tensor.Columns;
            values[tensor.Format] = values.GetValueOrDefault(tensor.Format) + count;
            all += count;
            bytes += tensor.Length;
            known += tensor.Length > 0 ? count : 0;
        }

        string? architecture = file.Metadata.FindText("general.architecture");
        return new()
        {
            Architecture = architecture,
            Name = file.Metadata.FindText("general.name"),
            IsRunnable = architecture is not null && Architectures.Known.Contains(architecture),
            Projector = Projectors.KindOf(file),
            SuggestedBlocks = TensorSigns.Of(file.Tensors),
            Parameters = all,
            Bytes = bytes,
            Format = values.Count == 0 ? "" : values.MaxBy(pair => pair.Value).Key,
            BitsPerWeight = known == 0 ? 0 : 8.0 * bytes / known,
            ContextLength = architecture is null ? null : file.Metadata.FindInteger($"{architecture}.context_length"),
            CacheBytesPerToken = architecture is null ? null : Cache(file.Metadata, architecture),
        };
    }

    private static long? Cache(Metadata metadata, string architecture)
    {
        const int HalfBytes = 2;
        if (Whole("block_count") is not { } layers || Whole("attention.head_count") is not { } heads)
            return null;

        long width = Whole("embedding_length") ?? 0;
        long keys = Whole("attention.key_length") ?? (heads > 0 ? width / heads : 0), values = Whole("attention.value_length") ?? keys;
        long total = metadata.TryGet($"{architecture}.attention.head_count_kv", out object? value) && value is MetadataArray each
            ? each.Integers().Sum()
            : layers * (Whole("attention.head_count_kv") ?? heads);
        return total * (keys + values) * HalfBytes;

        // Some architectures give one number a layer; the largest bounds them all.
        long? Whole(string key) => metadata.TryGet($"{architecture}.{key}", out object? value)
            ? value switch
            {
                long whole => whole,
                MetadataArray { Count: > 0 } array => array.Integers().Max(),
                _ => null,
            }
            : null;
    }
}
