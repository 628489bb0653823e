using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Stands for a tensor type this build does not know, so that a file can be shown though not run.</summary>
/// <param name="ggufType">The number in the file.</param>
internal sealed class UnknownFormat(int ggufType) : BlockFormat(ggufType, $"unknown ({ggufType})", blockLength: 1, blockBytes: 0)
{
    public override float Largest => 0;

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => throw Unknown("The tensor");

    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks) => throw Unknown("The tensor");

    public override Multiplier Multiplier(Weight weight) => throw Unknown($"Tensor '{weight.Name}'");

    /// <summary>Says what is known.</summary>
    /// <param name="what">The tensor, as the subject of the sentence.</param>
    public NotSupportedException Unknown(string what) => new(
        $"{what} has GGUF type {GgufType}, which this build does not know; known: {string.Join(", ", BlockFormats.All.Select(format => $"{format.GgufType} {format.Name}"))}.");
}
