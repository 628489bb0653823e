using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a quantised weight as it lies in the file with activations in bytes.</summary>
/// <remarks>A row is unpacked once and meets all tokens; the whole-number products within a group are exact.</remarks>
internal sealed class QuantizedMultiplier<TBlock>(Weight weight) : Multiplier
    where TBlock : unmanaged, IQuantized<TBlock>
{
    private readonly Weight _weight = weight;

    public override bool TakesBytes => true;

    public override void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        (int first, int end) = Shares.Of(_weight.Rows, 16, member, members);
        int columns = _weight.Columns, groups = columns / TBlock.Group;

        // Scales and offsets first, so that everything is aligned; the whole numbers take a quarter of a float each.
        Span<float> room = Scratch.Floats((2 * groups) + ((columns + 3) / 4));
        Span<float> scales = room[..groups], offsets = room.Slice(groups, groups);
        Span<sbyte> quants = MemoryMarshal.Cast<float, sbyte>(room[(2 * groups)..])[..columns];
        for (int row = first; row < end; row++)
        {
            ReadOnlySpan<TBlock> blocks = MemoryMarshal.Cast<byte, TBlock>(_weight.Row(row));
            int groupsInBlock = TBlock.Length / TBlock.Group;
            for (int i = 0; i < blocks.Length; i++)
            {
                TBlock.Unpack(
                    in blocks[i], quants.Slice(i * TBlock.Length, TBlock.Length),
                    scales.Slice(i * groupsInBlock, groupsInBlock), offsets.Slice(i * groupsInBlock, groupsInBlock));
            }

            for (int token = 0; token < x.Values.Rows; token++)
                Lanes.Best(new QuantizedDot<TBlock>(quants, scales, offsets, x, token, ref y[token][column + row]));
        }
    }
}

/// <summary>One product of an unpacked row with one token in bytes.</summary>
internal readonly ref struct QuantizedDot<TBlock>(
    ReadOnlySpan<sbyte> quants, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets, Activations x, int token, ref float y) : IKernel
    where TBlock : unmanaged, IQuantized<TBlock>
{
    private readonly ReadOnlySpan<sbyte> _quants = quants;
    private readonly ReadOnlySpan<float> _scales = scales, _offsets = offsets;
    private readonly Activations _x = x;
    private readonly int _token = token;
    private readonly ref float _y = ref y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = _x.Values.Rows, groups = 32 / TBlock.Group;
        var sum = TLane.Fill(0);
        float offset = 0;
        for (int block = 0; block < _scales.Length / groups; block++)
        {
            int at = (block * tokens) + _token;
            ReadOnlySpan<sbyte> q = _quants.Slice(block * 32, 32), x = _x.Quants.Slice(at * 32, 32);
            ReadOnlySpan<float> scale = _scales.Slice(block * groups, groups);
            float by = _x.Scales[at];
            if (TBlock.Group == 32)
            {
                sum = TLane.MultiplyAdd(TLane.Fill(scale[0] * by), TLane.Dot32(in q[0], in x[0]), sum);
                if (TBlock.HasOffset)
                    offset = MathF.FusedMultiplyAdd(_offsets[block], by * (_x.Sums[2 * at] + _x.Sums[(2 * at) + 1]), offset);
            }
            else
            {
                sum = TLane.MultiplyAdd(TLane.Fill(scale[0] * by), TLane.Dot16(in q[0], in x[0]), sum);
                sum = TLane.MultiplyAdd(TLane.Fill(scale[1] * by), TLane.Dot16(in q[16], in x[16]), sum);
                if (TBlock.HasOffset)
                {
                    offset = MathF.FusedMultiplyAdd(_offsets[2 * block], by * _x.Sums[2 * at], offset);
                    offset = MathF.FusedMultiplyAdd(_offsets[(2 * block) + 1], by * _x.Sums[(2 * at) + 1], offset);
                }
            }
        }

        _y = TLane.Sum(sum) + offset;
    }
}
