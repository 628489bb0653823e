using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of a panel of quantised rows with tokens in bytes: a lane for each row, columns in order.</summary>
/// <remarks>
/// <para>For each group of columns <c>sum = sum + (Σ q·x) · xScale · scale + offset · Σx · xScale</c>, the whole-number part exact.
/// A product's arithmetic does not depend on the register width or on how many tokens take part.</para>
/// <para>Bytes multiply in pairs to 16 bits, and as many pairs as fit are added there before they widen: eight for four-bit
/// numbers. That, and loads in reading order, is why rows are packed.</para>
/// </remarks>
internal readonly unsafe ref struct PanelProducts<TNumbers, TScales, TGroup>(in PanelTask task)
    where TNumbers : struct, IPanelQuants
    where TScales : struct, IPanelScales
    where TGroup : struct, IPanelGroup
{
    private const int Tile = 64;   // tokens that meet a block while it is unpacked

    private readonly PanelTask _task = task;

    public void Run<TBytes, TLane>()
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = _task.X.Values.Rows;
        Span<float> sums = stackalloc float[PanelShape.Rows * Math.Min(tokens, Tile)];
        for (int row = 0; row < PanelShape.Rows && row < _task.Rows; row += TBytes.Rows)
        {
            for (int token = 0; token < tokens; token += Tile)
            {
                int count = Math.Min(Tile, tokens - token);
                if (count == 1)
                    One<TBytes, TLane>(row, token, sums);
                else
                    Many<TBytes, TLane>(row, token, count, sums);
                Store(row, TBytes.Rows, token, count, sums);
            }
        }
    }

    /// <summary>One token: the sums stay in a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // its first, unoptimised form would be slower than a model's whole first token
    private void One<TBytes, TLane>(int row, int token, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        ref byte header = ref panel;
        var sum = TLane.Fill(0);
        int tokens = _task.X.Values.Rows, blocks = _task.Columns / PanelShape.Block;
        int codesBytes = PanelShape.Block / TGroup.Columns * TScales.GroupBytes;
        ref sbyte x = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), token * PanelShape.Block);
        ref float scales = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), token);
        ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * token);
        for (int block = 0; block < blocks; block++)
        {
            if (TScales.HeaderBytes > 0 && block % TScales.HeaderBlocks == 0)
            {
                header = ref panel;
                panel = ref Unsafe.Add(ref panel, TScales.HeaderBytes);
            }

            ref byte codes = ref Unsafe.Add(ref panel, TNumbers.Bytes);
            TNumbers.Unpack<TBytes, TLane>(in Unsafe.Add(ref panel, 4 * row), out Chunks<TBytes> low);
            Chunks<TBytes> high = default;
            if (TNumbers.IsSplit)
                TNumbers.UnpackHigh<TBytes, TLane>(in Unsafe.Add(ref panel, 4 * row), out high);
            sum = Block<TBytes, TLane>(sum, in low, in high, in x, scales, in totals, in header, in codes, row);
            panel = ref Unsafe.Add(ref codes, codesBytes);
            x = ref Unsafe.Add(ref x, tokens * PanelShape.Block);
            scales = ref Unsafe.Add(ref scales, tokens);
            totals = ref Unsafe.Add(ref totals, 2 * tokens);
        }

        TLane.Store(sum, ref sums[0]);
    }

    /// <summary>Several tokens: a block is unpacked once and meets them all; the sums are in the nearest cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Many<TBytes, TLane>(int row, int token, int count, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        sums.Clear();
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        ref byte header = ref panel;
        int tokens = _task.X.Values.Rows, blocks = _task.Columns / PanelShape.Block;
        int codesBytes = PanelShape.Block / TGroup.Columns * TScales.GroupBytes;
        for (int block = 0; block < blocks; block++)
        {
            if (TScales.HeaderBytes > 0 && block % TScales.HeaderBlocks == 0)
            {
                header = ref panel;
                panel = ref Unsafe.Add(ref panel, TScales.HeaderBytes);
            }

            ref byte codes = ref Unsafe.Add(ref panel, TNumbers.Bytes);
            TNumbers.Unpack<TBytes, TLane>(in Unsafe.Add(ref panel, 4 * row), out Chunks<TBytes> low);
            Chunks<TBytes> high = default;
            if (TNumbers.IsSplit)
                TNumbers.UnpackHigh<TBytes, TLane>(in Unsafe.Add(ref panel, 4 * row), out high);

            int first = (block * tokens) + token;
            ref sbyte x = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), first * PanelShape.Block);
            ref float scales = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), first);
            ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * first);
            ref float sum = ref MemoryMarshal.GetReference(sums);
            for (int i = 0; i < count; i++)
            {
                TLane.Store(
                    Block<TBytes, TLane>(TLane.Load(in sum), in low, in high, in x, scales, in totals, in header, in codes, row), ref sum);
                x = ref Unsafe.Add(ref x, PanelShape.Block);
                scales = ref Unsafe.Add(ref scales, 1);
                totals = ref Unsafe.Add(ref totals, 2);
                sum = ref Unsafe.Add(ref sum, TBytes.Rows);
            }

            panel = ref Unsafe.Add(ref codes, codesBytes);
        }
    }

    /// <summary>Thirty-two columns of one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Block<TBytes, TLane>(
        TLane sum, ref readonly Chunks<TBytes> low, ref readonly Chunks<TBytes> high, ref readonly sbyte x, float xScale,
        ref readonly short totals, ref readonly byte header, ref readonly byte codes, int row)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        var by = TLane.Fill(xScale);
        ref short total = ref Unsafe.AsRef(in totals);
        if (TGroup.Columns == 32)
        {
            int all = total + Unsafe.Add(ref total, 1);
            TBytes ints = PanelDots.Whole<TNumbers, TBytes, TLane>(in low, in high, in x);
            sum = TLane.MultiplyAdd(
                TBytes.ToFloats(ints, TNumbers.Bias * all) * by, TScales.Scale<TLane>(in header, in codes, row), sum);
            return TScales.HasOffset
                ? TLane.MultiplyAdd(TScales.Offset<TLane>(in header, in codes, row), TLane.Fill(xScale * all), sum)
                : sum;
        }

        ref byte next = ref Unsafe.Add(ref Unsafe.AsRef(in codes), TScales.GroupBytes);
        TBytes first = PanelDots.First<TNumbers, TBytes, TLane>(in low, in x), second = PanelDots.Second<TNumbers, TBytes, TLane>(in low, in x);
        sum = TLane.MultiplyAdd(
            TBytes.ToFloats(first, TNumbers.Bias * total) * by, TScales.Scale<TLane>(in header, in codes, row), sum);
        sum = TLane.MultiplyAdd(
            TBytes.ToFloats(second, TNumbers.Bias * Unsafe.Add(ref total, 1)) * by, TScales.Scale<TLane>(in header, in next, row), sum);
        if (!TScales.HasOffset)
            return sum;

        sum = TLane.MultiplyAdd(TScales.Offset<TLane>(in header, in codes, row), TLane.Fill(xScale * total), sum);
        return TLane.MultiplyAdd(TScales.Offset<TLane>(in header, in next, row), TLane.Fill(xScale * Unsafe.Add(ref total, 1)), sum);
    }

    private void Store(int row, int rows, int token, int count, ReadOnlySpan<float> sums)
    {
        int wanted = Math.Min(rows, _task.Rows - row);
        for (int i = 0; i < count; i++)
            sums.Slice(i * rows, wanted).CopyTo(_task.Y[token + i][(_task.Column + row)..]);
    }
}
