using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>MXFP4 as gpt-oss publishes it: four-bit floats, two neighbours to a byte, in <c>X_blocks</c>, and the powers of two of each 32 in <c>X_scales</c>.</summary>
/// <remarks>ggml puts a block's power before its floats, and to each of the first sixteen its fellow of the others. The numbers stay what they are.
/// Source: OpenAI, gpt-oss, <c>weights.py</c>; Open Compute Project, "OCP Microscaling Formats", 2023, section 5.2.</remarks>
internal sealed class FourBitFloats
{
    /// <summary>What the names of the floats end with.</summary>
    public const string Blocks = "_blocks";

    /// <summary>What the names of the powers end with.</summary>
    public const string Scales = "_scales";

    private const int Half = 16;   // bytes of a block's floats

    private readonly SafeTensor _blocks, _scales;

    /// <param name="path">The file, for messages.</param>
    /// <param name="blocks">Shape [.., groups, 16], bytes.</param>
    /// <param name="scales">Shape [.., groups], bytes.</param>
    /// <exception cref="InvalidDataException">They do not fit each other.</exception>
    public FourBitFloats(string path, SafeTensor blocks, SafeTensor scales)
    {
        if (blocks.Dtype.Name != "U8" || scales.Dtype.Name != "U8" || blocks.Shape is not [.., Half] || !blocks.Shape.SkipLast(1).SequenceEqual(scales.Shape) || scales.Shape.Count < 2)
        {
            throw new InvalidDataException(
                $"Tensor '{blocks.Name}' of '{path}' is {blocks.Dtype.Name} [{string.Join(", ", blocks.Shape)}] and '{scales.Name}' {scales.Dtype.Name} [{string.Join(", ", scales.Shape)}]; "
                + $"expected U8 [.., groups, {Half}] and U8 [.., groups].");
        }

        (_blocks, _scales) = (blocks, scales);
    }

    /// <summary>The tensor, moved when it is asked for.</summary>
    /// <param name="name">GGUF's name for it.</param>
    public StoredTensor Tensor(string name)
    {
        BlockFormat format = BlockFormats.Named("MXFP4");
        long[] shape = [_scales.Shape[^1] * 2 * Half, .. _scales.Shape.SkipLast(1).Reverse()];
        return Computed.Tensor(name, format, shape, memory =>
        {
            for (long block = 0; block < _scales.Bytes.Length; block++)
            {
                ReadOnlySpan<byte> pairs = _blocks.Bytes.Slice(block * Half, Half);
                Span<byte> target = memory.Slice(block * (Half + 1), Half + 1);
                target[0] = _scales.Bytes.Slice(block, 1)[0];
                for (int i = 0; i < Half; i++)
                    target[i + 1] = (byte)(Float(pairs, i) | (Float(pairs, i + Half) << 4));
            }
        });
    }

    private static int Float(ReadOnlySpan<byte> pairs, int at) => (pairs[at / 2] >> (at % 2 * 4)) & 15;
}
