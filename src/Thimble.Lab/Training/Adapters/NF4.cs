using System.Buffers.Binary;
using System.Numerics.Tensors;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>QLoRA's 4-bit normal floats with double quantisation: <c>w = s · level[nibble]</c>, s the greatest magnitude of 64 values, itself kept
/// in a byte: <c>s = mean + step · byte</c> over a row.</summary>
/// <remarks><para>The sixteen levels are quantiles of the normal distribution, with an exact zero. Where QLoRA shares the second scale among 256
/// groups of a flattened matrix, here a row has its own, so that rows can be read alone: 4 + 8/64 + 64/columns bits.</para>
/// <para>It lives in memory while an adapter is trained and is in no file's format. Source: Dettmers et al., "QLoRA: Efficient Finetuning of
/// Quantized LLMs", 2023, section 3 and appendix E.</para></remarks>
/// <param name="columns">Values of a row.</param>
internal sealed class NF4(int columns) : BlockFormat(-1, "NF4", columns, RowBytesOf(columns))
{
    private const int GroupLength = 64, Heading = 2 * sizeof(float);

    private static readonly float[] s_levels =
    [
        -1, -0.6961928f, -0.52507305f, -0.39491749f, -0.28444138f, -0.18477343f, -0.09105004f, 0,
        0.0795803f, 0.1609302f, 0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f, 1,
    ];

    /// <inheritdoc />
    public override float Largest => float.MaxValue / 4;

    /// <summary>Bytes of a row: the second scale and mean, a byte for each group, and nibbles.</summary>
    public static int RowBytesOf(int columns) => Heading + Groups(columns) + ((columns + 1) / 2);

    /// <inheritdoc />
    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
            DecodeRow(blocks[..BlockBytes], values[..BlockLength]);
    }

    /// <inheritdoc />
    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
            EncodeRow(values[..BlockLength], blocks[..BlockBytes]);
    }

    /// <inheritdoc />
    public override Multiplier Multiplier(Weight weight) => new FloatMultiplier(weight);

    private static int Groups(int columns) => (columns + GroupLength - 1) / GroupLength;

    private void DecodeRow(ReadOnlySpan<byte> row, Span<float> values)
    {
        float mean = BinaryPrimitives.ReadSingleLittleEndian(row), step = BinaryPrimitives.ReadSingleLittleEndian(row[sizeof(float)..]);
        ReadOnlySpan<byte> scales = row[Heading..], nibbles = row[(Heading + Groups(BlockLength))..];
        ReadOnlySpan<float> levels = s_levels;
        for (int i = 0; i < values.Length; i++)
            values[i] = levels[(nibbles[i / 2] >> (i % 2 * 4)) & 15];
        for (int group = 0; group * GroupLength < values.Length; group++)
        {
            Span<float> part = values.Slice(group * GroupLength, Math.Min(GroupLength, values.Length - (group * GroupLength)));
            TensorPrimitives.Multiply(part, mean + (step * (sbyte)scales[group]), part);
        }
    }

    private static void EncodeRow(ReadOnlySpan<float> values, Span<byte> row)
    {
        row.Clear();
        float[] scales = new float[Groups(values.Length)];
        for (int group = 0; group < scales.Length; group++)
            scales[group] = Math.Abs(TensorPrimitives.MaxMagnitude(values.Slice(group * GroupLength, Math.Min(GroupLength, values.Length - (group * GroupLength)))));
        float mean = TensorPrimitives.Average<float>(scales), step = 0;
        foreach (float scale in scales)
            step = Math.Max(step, Math.Abs(scale - mean) / 127);
        BinaryPrimitives.WriteSingleLittleEndian(row, mean);
        BinaryPrimitives.WriteSingleLittleEndian(row[sizeof(float)..], step);
        for (int group = 0; group < scales.Length; group++)
        {
            sbyte kept = step == 0 ? (sbyte)0 : (sbyte)MathF.Round((scales[group] - mean) / step);
            row[Heading + group] = (byte)kept;
            float scale = mean + (step * kept);
            for (int i = group * GroupLength; i < Math.Min((group + 1) * GroupLength, values.Length); i++)
                row[Heading + scales.Length + (i / 2)] |= (byte)(Nearest(scale > 0 ? values[i] / scale : 0) << (i % 2 * 4));
        }
    }

    private static int Nearest(float value)
    {
        int best = 0;
        for (int i = 1; i < s_levels.Length; i++)
        {
            if (Math.Abs(value - s_levels[i]) < Math.Abs(value - s_levels[best]))
                best = i;
        }

        return best;
    }
}
