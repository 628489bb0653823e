using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of a panel of quantised rows with tokens in bytes: a lane for each row, columns in order.</summary>
/// <remarks>
/// <para>For each block of 32 columns <c>sum = sum + xScale · (top · whole + floor · floors)</c>, both whole numbers exact
/// (<see cref="BlockScales{TBytes, TLane}"/>). A product's arithmetic does not depend on the register width or on how many tokens
/// take part.</para>
/// <para>Bytes multiply in pairs to 16 bits, and as many pairs as fit are added there before they widen: eight for four-bit
/// numbers. That, and loads in reading order, is why rows are packed. Whole-number scales cost nothing, as they widen.</para>
/// </remarks>
internal readonly unsafe ref struct PanelProducts<TNumbers, TScales>(in PanelTask task)
    where TNumbers : struct, IPanelQuants
    where TScales : struct, IPanelScales
{
    private const int Turn = 8;   // blocks, a multiple of those that share a header

    private readonly PanelTask _task = task;

    [SkipLocalsInit]
    public void Run<TBytes, TLane>()
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        Span<float> sums = stackalloc float[PanelShape.Rows * _task.X.Tokens];
        if (TBytes.Rows <= PanelShape.Rows / 4 && _task.Way == PanelWay.EachToken)
        {
            for (int i = 0; i < _task.X.Tokens; i++)
                OneByTurns<TBytes, TLane>(i, sums);
            for (int row = 0; row < _task.Rows; row += TBytes.Rows)
                Store<TLane>(row, TBytes.Rows, sums[(row * _task.X.Tokens)..]);
            return;
        }

        for (int row = 0; row < _task.Rows; row += TBytes.Rows)
        {
            switch (_task.Way)
            {
                case PanelWay.EachToken:
                    for (int i = 0; i < _task.X.Tokens; i++)
                        One<TBytes, TLane>(row, i, sums[(i * TBytes.Rows)..]);
                    break;
                case PanelWay.Fours when _task.X.Tokens >= 4:
                    for (int i = 0; i < _task.X.Tokens; i += 4)
                        Four<TBytes, TLane>(row, Math.Min(i, _task.X.Tokens - 4), sums);
                    break;
                case PanelWay.Tile when TNumbers.Span == 1 && TBytes.TakesShorts:
                    ManyShorts<TBytes, TLane>(row, sums);
                    break;
                default:
                    Many<TBytes, TLane>(row, sums);
                    break;
            }

            Store<TLane>(row, TBytes.Rows, sums);
        }
    }

    /// <summary>One token: the sums stay in a register.</summary>
    [MethodImpl(HotLoop.Compiled)]   // its first, unoptimised form would be slower than a model's whole first token
    private void One<TBytes, TLane>(int row, int token, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        var sum = TLane.Fill(0);
        int tokens = _task.X.Tokens, blocks = _task.Columns / PanelShape.Block;
        ref sbyte x = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), token * PanelShape.Block);
        ref float scale = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), token);
        ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * token);
        BlockScales<TBytes, TLane> s = default;
        for (int block = 0; block < blocks; block++)
        {
            Ahead(ref panel);
            panel = ref Open(ref panel, block, row, ref s, out Chunks<TBytes> c);
            sum = Block(sum, in c, in s, in x, scale, in totals);
            x = ref Unsafe.Add(ref x, tokens * PanelShape.Block);
            scale = ref Unsafe.Add(ref scale, tokens);
            totals = ref Unsafe.Add(ref totals, 2 * tokens);
        }

        TLane.Store(sum, ref sums[0]);
    }

    /// <summary>One token and registers of few rows: they take turns at a few blocks, which stay in the nearest cache, so that memory is
    /// read once and in order.</summary>
    /// <remarks>All sixteen rows of a block at once would be 32 registers of numbers alone, all that such a machine has, and four
    /// copies of the loop's body more than the compiler inlines. Several tokens go through a whole panel instead: it is in a cache by then.</remarks>
    [MethodImpl(HotLoop.Compiled)]
    private void OneByTurns<TBytes, TLane>(int token, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        int tokens = _task.X.Tokens, blocks = _task.Columns / PanelShape.Block;
        BlockScales<TBytes, TLane> s = default;
        for (int turn = 0; turn < blocks; turn += Turn)
        {
            ref byte next = ref panel;
            for (int row = 0; row < PanelShape.Rows; row += TBytes.Rows)
            {
                ref float kept = ref sums[(row * tokens) + (token * TBytes.Rows)];
                TLane sum = turn == 0 ? TLane.Fill(0) : TLane.Load(in kept);
                next = ref panel;
                for (int block = turn; block < Math.Min(turn + Turn, blocks); block++)
                {
                    int column = (block * tokens) + token;
                    next = ref Open(ref next, block, row, ref s, out Chunks<TBytes> c);
                    sum = Block(
                        sum, in c, in s, in Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), column * PanelShape.Block),
                        Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), column),
                        in Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * column));
                }

                TLane.Store(sum, ref kept);
            }

            panel = ref next;
        }
    }

    /// <summary>Four tokens: a block is unpacked for them, and their sums stay in registers.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Four<TBytes, TLane>(int row, int token, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        TLane sum0 = TLane.Fill(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        int tokens = _task.X.Tokens, blocks = _task.Columns / PanelShape.Block;
        ref sbyte x = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), token * PanelShape.Block);
        ref float scales = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), token);
        ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * token);
        BlockScales<TBytes, TLane> s = default;
        for (int block = 0; block < blocks; block++)
        {
            panel = ref Open(ref panel, block, row, ref s, out Chunks<TBytes> c);
            sum0 = Block(sum0, in c, in s, in x, scales, in totals);
            sum1 = Block(sum1, in c, in s, in Unsafe.Add(ref x, 32), Unsafe.Add(ref scales, 1), in Unsafe.Add(ref totals, 2));
            sum2 = Block(sum2, in c, in s, in Unsafe.Add(ref x, 64), Unsafe.Add(ref scales, 2), in Unsafe.Add(ref totals, 4));
            sum3 = Block(sum3, in c, in s, in Unsafe.Add(ref x, 96), Unsafe.Add(ref scales, 3), in Unsafe.Add(ref totals, 6));
            x = ref Unsafe.Add(ref x, tokens * PanelShape.Block);
            scales = ref Unsafe.Add(ref scales, tokens);
            totals = ref Unsafe.Add(ref totals, 2 * tokens);
        }

        TLane.Store(sum0, ref sums[token * TBytes.Rows]);
        TLane.Store(sum1, ref sums[(token + 1) * TBytes.Rows]);
        TLane.Store(sum2, ref sums[(token + 2) * TBytes.Rows]);
        TLane.Store(sum3, ref sums[(token + 3) * TBytes.Rows]);
    }

    /// <summary>Several tokens: a block is unpacked once and meets them all; the sums are in the nearest cache.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Many<TBytes, TLane>(int row, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        sums.Clear();
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        int tokens = _task.X.Tokens, blocks = _task.Columns / PanelShape.Block;
        BlockScales<TBytes, TLane> s = default;
        for (int block = 0; block < blocks; block++)
        {
            panel = ref Open(ref panel, block, row, ref s, out Chunks<TBytes> c);
            int first = block * tokens;
            ref sbyte x = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Quants), first * PanelShape.Block);
            ref float scales = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), first);
            ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Sums), 2 * first);
            ref float sum = ref MemoryMarshal.GetReference(sums);
            for (nint i = 0; i < tokens; i++)
            {
                TLane.Store(
                    Block(TLane.Load(in sum), in c, in s, in x, Unsafe.Add(ref scales, i), in Unsafe.Add(ref totals, 2 * i)), ref sum);
                x = ref Unsafe.Add(ref x, PanelShape.Block);
                sum = ref Unsafe.Add(ref sum, TBytes.Rows);
            }
        }
    }

    /// <summary>Several tokens and signed numbers, both in 16 bits: the same whole numbers with fewer operations.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void ManyShorts<TBytes, TLane>(int row, Span<float> sums)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        sums.Clear();
        ref byte panel = ref Unsafe.AsRef<byte>(_task.Panel);
        int tokens = _task.X.Tokens, blocks = _task.Columns / PanelShape.Block;
        ref short x = ref MemoryMarshal.GetReference(_task.X.Shorts);
        BlockScales<TBytes, TLane> s = default;
        for (int block = 0; block < blocks; block++)
        {
            panel = ref Open(ref panel, block, row, ref s, out Chunks<TBytes> c);
            PanelDots.Split<TScales, TBytes, TLane>(in c, in s, out Chunks<TBytes> even, out Chunks<TBytes> odd);
            ref float scales = ref Unsafe.Add(ref MemoryMarshal.GetReference(_task.X.Scales), block * tokens);
            ref float sum = ref MemoryMarshal.GetReference(sums);
            for (nint i = 0; i < tokens; i++)
            {
                TBytes whole = TBytes.AddInts(
                    TBytes.AddInts(
                        TBytes.ShortProducts(even.C0, even.C1, even.C2, even.C3, in x, 0), TBytes.ShortProducts(even.C4, even.C5, even.C6, even.C7, in x, 8)),
                    TBytes.AddInts(
                        TBytes.ShortProducts(odd.C0, odd.C1, odd.C2, odd.C3, in x, 16), TBytes.ShortProducts(odd.C4, odd.C5, odd.C6, odd.C7, in x, 24)));
                TLane.Store(TLane.MultiplyAdd(TBytes.ToFloats(whole) * s.Top, TLane.Fill(Unsafe.Add(ref scales, i)), TLane.Load(in sum)), ref sum);
                x = ref Unsafe.Add(ref x, PanelShape.Block);
                sum = ref Unsafe.Add(ref sum, TBytes.Rows);
            }
        }
    }

    /// <summary>Asks for what will be read soon: the processor's own guess keeps less under way than memory could deliver.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ahead(ref byte panel)
    {
        const int distance = 3072;
        for (int i = 0; i < TNumbers.Bytes + TScales.BlockBytes && Sse.IsSupported; i += 64)
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref panel) + distance + i);
    }

    /// <summary>Unpacks a block.</summary>
    /// <returns>Where the next one begins.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Open<TBytes, TLane>(ref byte panel, int block, int row, scoped ref BlockScales<TBytes, TLane> s, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        if (TScales.HeaderBytes > 0 && block % TScales.HeaderBlocks == 0)
        {
            TScales.Head(in panel, row, out s.Top, out s.Floor);
            panel = ref Unsafe.Add(ref panel, TScales.HeaderBytes);
        }

        TNumbers.Unpack<TBytes, TLane>(in Unsafe.Add(ref panel, 4 * row), out c);
        ref byte codes = ref Unsafe.Add(ref panel, TNumbers.Bytes);
        TScales.Block(in codes, row, TNumbers.Bias, ref s);
        return ref Unsafe.Add(ref codes, TScales.BlockBytes);
    }

    /// <summary>Thirty-two columns of one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Block<TBytes, TLane>(
        TLane sum, ref readonly Chunks<TBytes> c, ref readonly BlockScales<TBytes, TLane> s, ref readonly sbyte x, float xScale, ref readonly short totals)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TBytes whole = PanelDots.Whole<TNumbers, TScales, TBytes, TLane>(in c, in x, in s);
        if (TNumbers.Bias > 0)
            whole = TBytes.SubtractInts(whole, TBytes.Widen(in totals, s.Pair));
        TLane product = TBytes.ToFloats(whole) * s.Top;
        if (TScales.HasOffset)
            product = TLane.MultiplyAdd(TBytes.ToFloats(TBytes.Widen(in totals, s.Floors)), s.Floor, product);
        return TLane.MultiplyAdd(product, TLane.Fill(xScale), sum);
    }

    private void Store<TLane>(int row, int rows, ReadOnlySpan<float> sums)
        where TLane : unmanaged, ILane<TLane>
    {
        int wanted = Math.Min(rows, _task.Rows - row), columns = _task.Y.Columns;
        Span<float> y = _task.Y.Values[(_task.Column + row)..];
        if (wanted < TLane.Count)
        {
            for (int i = 0; i < _task.X.Tokens; i++)
                sums.Slice(i * rows, wanted).CopyTo(y[(i * columns)..]);
            return;
        }

        for (int i = 0; i < _task.X.Tokens; i++)
            TLane.Store(TLane.Load(in sums[i * rows]), ref y.Slice(i * columns, rows)[0]);
    }
}
