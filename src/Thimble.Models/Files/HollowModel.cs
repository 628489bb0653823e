using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A model without its weights: the shapes and formats of one that is elsewhere, or not yet made, for counting what it would cost.</summary>
/// <remarks>All matrices share one stretch of untouched zeros, which takes addresses but no memory. What such a model computes is nonsense.</remarks>
internal static class HollowModel
{
    /// <summary>Words in names of matrices that stay as they are when a model is quantised.</summary>
    private static readonly string[] s_kept = ["norm", "conv1d", "shortconv.conv", "ffn_gate_inp", "time_mix", "position_embd", "token_types"];

    /// <summary>A model like another with its matrices in another format.</summary>
    /// <param name="file">The other; its small tensors are used, and it must stay open as long.</param>
    /// <param name="format">The format.</param>
    public static ModelFile Like(ModelFile file, BlockFormat format) => Of(
        file.Path, file.Metadata,
        [.. file.Tensors.Select(tensor => IsMatrix(tensor) ? new Outline(tensor.Name, Fitting(format, tensor.Columns), [.. tensor.Shape]) : new Outline(tensor))]);

    /// <summary>A model of tensors that need not exist.</summary>
    /// <param name="path">What it is called in messages.</param>
    /// <param name="metadata">Its sizes.</param>
    /// <param name="outlines">Its tensors.</param>
    public static ModelFile Of(string path, Metadata metadata, IReadOnlyList<Outline> outlines)
    {
        long longest = outlines.Where(outline => outline.Stored is null).Select(outline => outline.Bytes).DefaultIfEmpty(1).Max();
        var zeros = new Lazy<Allocation>(() => new Allocation(longest));
        return new(path, metadata, outlines.Select(outline => outline.Stored
            ?? new StoredTensor(outline.Name, outline.Format, outline.Shape, () => zeros.Value.Region.Part(0, outline.Bytes))));
    }

    /// <summary>Whether a tensor is one that quantising changes.</summary>
    public static bool IsMatrix(StoredTensor tensor) => tensor.Shape.Count > 1 && tensor.Rows > 1
        && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && tensor.Columns % 32 == 0
        && !Array.Exists(s_kept, word => tensor.Name.Contains(word, StringComparison.Ordinal));

    /// <summary>A format, or one of about its size whose blocks a row of this length fills.</summary>
    public static BlockFormat Fitting(BlockFormat format, long columns) => columns % format.BlockLength == 0 ? format
        : columns % 32 != 0 ? BlockFormats.Named("F16")
        : BlockFormats.Named(format.BitsPerWeight <= 4.6 ? "Q5_0" : "Q8_0");
}

/// <summary>A tensor's name, format and shape; or one that is there.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Format">Its format.</param>
/// <param name="Shape">Its shape, row length first.</param>
internal sealed record Outline(string Name, BlockFormat Format, long[] Shape)
{
    /// <summary>A tensor that is there.</summary>
    public Outline(StoredTensor stored)
        : this(stored.Name, stored.BlockFormat, [.. stored.Shape]) => Stored = stored;

    /// <summary>The tensor that is there; null for an outline alone.</summary>
    public StoredTensor? Stored { get; }

    /// <summary>Bytes that it would take.</summary>
    public long Bytes => Shape.Skip(1).Aggregate(1L, (product, size) => product * size) * Format.RowBytes(Shape[0]);
}
