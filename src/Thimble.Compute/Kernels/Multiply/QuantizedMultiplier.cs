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

    public override void Multiply(in Activations x, Matrix y, int column, Team team) =>
        team.Run(new Work(_weight, x, y, column));

    private readonly ref struct Work(Weight weight, Activations x, Matrix y, int column) : ITeamWork
    {
        private readonly Weight _weight = weight;
        private readonly Activations _x = x;
        private readonly Matrix _y = y;
        private readonly int _column = column;

        public void Run(int member, int members)
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

                for (int token = 0; token < _x.Values.Rows; token++)
                {
                    int at = token * columns;
                    Lanes.Best(new QuantizedDot<TBlock>(
                        quants, scales, offsets, _x.Quants.Slice(at, columns),
                        _x.Scales.Slice(at / 32, columns / 32), _x.Sums.Slice(at / 16, columns / 16),
                        ref _y[token][_column + row]));
                }
            }
        }
    }
}

/// <summary>One product of an unpacked row with one token in bytes.</summary>
internal readonly ref struct QuantizedDot<TBlock>(
    ReadOnlySpan<sbyte> quants, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets,
    ReadOnlySpan<sbyte> x, ReadOnlySpan<float> xScales, ReadOnlySpan<short> xSums, ref float y) : IKernel
    where TBlock : unmanaged, IQuantized<TBlock>
{
    private readonly ReadOnlySpan<sbyte> _quants = quants, _x = x;
    private readonly ReadOnlySpan<float> _scales = scales, _offsets = offsets, _xScales = xScales;
    private readonly ReadOnlySpan<short> _xSums = xSums;
    private readonly ref float _y = ref y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> scales = _scales, xScales = _xScales;
        ReadOnlySpan<sbyte> quants = _quants, x = _x;
        var sum = TLane.Fill(0);
        float offset = 0;
        if (TBlock.Group == 32)
        {
            for (int i = 0; i < scales.Length; i++)
            {
                sum = TLane.MultiplyAdd(TLane.Fill(scales[i] * xScales[i]), TLane.Dot32(in quants[32 * i], in x[32 * i]), sum);
                if (TBlock.HasOffset)
                    offset = MathF.FusedMultiplyAdd(_offsets[i], xScales[i] * (_xSums[2 * i] + _xSums[(2 * i) + 1]), offset);
            }
        }
        else
        {
            for (int i = 0; i < scales.Length; i++)
            {
                sum = TLane.MultiplyAdd(TLane.Fill(scales[i] * xScales[i / 2]), TLane.Dot16(in quants[16 * i], in x[16 * i]), sum);
                if (TBlock.HasOffset)
                    offset = MathF.FusedMultiplyAdd(_offsets[i], xScales[i / 2] * _xSums[i], offset);
            }
        }

        _y = TLane.Sum(sum) + offset;
    }
}
