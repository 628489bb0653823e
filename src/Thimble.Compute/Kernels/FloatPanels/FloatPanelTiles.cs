using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A block of columns of a few tokens.</summary>
/// <param name="x">The first token's first column.</param>
/// <param name="stride">Floats from a token to the next.</param>
/// <param name="tokens">How many tokens there are, at least 1.</param>
/// <param name="columns">Columns of the block.</param>
internal readonly unsafe struct Tile(float* x, int stride, int tokens, int columns)
{
    /// <summary>Tokens.</summary>
    public int Tokens => tokens;

    /// <summary>Columns.</summary>
    public int Columns => columns;

    /// <summary>A token's first column; past the last token, the last again: such products are dropped.</summary>
    public float* this[int token] => x + ((long)Math.Min(token, tokens - 1) * stride);

    /// <summary>Some of the tokens and columns, as far as there are so many tokens.</summary>
    public Tile Part(int token, int count, int column, int width) =>
        new(x + ((long)token * stride) + column, stride, Math.Min(count, tokens - token), width);
}

/// <summary>Tiles of products held in registers: two registers of rows by four or eight tokens.</summary>
/// <remarks>Every product is summed over the block's columns in order, then added to what the blocks before gave.</remarks>
internal static unsafe class FloatPanelTiles<TFloats>
    where TFloats : struct, IPanelFloats
{
    /// <summary>Four tokens: eleven registers.</summary>
    /// <param name="tile">The tokens.</param>
    /// <param name="w">The block's first column, advanced to the rows wanted.</param>
    /// <param name="scale">The panel's scale.</param>
    /// <param name="sums">What the products are added to, shape [4, 32], advanced to the rows wanted.</param>
    [MethodImpl(HotLoop.Compiled)]
    public static void Four<TLane>(Tile tile, byte* w, TLane scale, float* sums)
        where TLane : unmanaged, ILane<TLane>
    {
        float* x0 = tile[0], x1 = tile[1], x2 = tile[2], x3 = tile[3];
        TLane low0 = TLane.Fill(0), low1 = low0, low2 = low0, low3 = low0;
        TLane high0 = low0, high1 = low0, high2 = low0, high3 = low0;
        nint columns = tile.Columns;
        for (nint i = 0; i < columns; i++, w += TFloats.Bytes)
        {
            TLane low = TFloats.Low(w, scale), high = TFloats.High(w, scale), v = TLane.Fill(x0[i]);
            low0 = TLane.MultiplyAdd(low, v, low0);
            high0 = TLane.MultiplyAdd(high, v, high0);
            v = TLane.Fill(x1[i]);
            low1 = TLane.MultiplyAdd(low, v, low1);
            high1 = TLane.MultiplyAdd(high, v, high1);
            v = TLane.Fill(x2[i]);
            low2 = TLane.MultiplyAdd(low, v, low2);
            high2 = TLane.MultiplyAdd(high, v, high2);
            v = TLane.Fill(x3[i]);
            low3 = TLane.MultiplyAdd(low, v, low3);
            high3 = TLane.MultiplyAdd(high, v, high3);
        }

        Add(low0, high0, sums);
        Add(low1, high1, sums + FloatPanels.Rows);
        Add(low2, high2, sums + (2 * FloatPanels.Rows));
        Add(low3, high3, sums + (3 * FloatPanels.Rows));
    }

    /// <summary>Eight tokens: nineteen registers.</summary>
    /// <param name="tile">The tokens.</param>
    /// <param name="w">The block's first column.</param>
    /// <param name="scale">The panel's scale.</param>
    /// <param name="sums">What the products are added to, shape [8, 32].</param>
    [MethodImpl(HotLoop.Compiled)]
    public static void Eight<TLane>(Tile tile, byte* w, TLane scale, float* sums)
        where TLane : unmanaged, ILane<TLane>
    {
        float* x0 = tile[0], x1 = tile[1], x2 = tile[2], x3 = tile[3], x4 = tile[4], x5 = tile[5], x6 = tile[6], x7 = tile[7];
        TLane low0 = TLane.Fill(0), low1 = low0, low2 = low0, low3 = low0, low4 = low0, low5 = low0, low6 = low0, low7 = low0;
        TLane high0 = low0, high1 = low0, high2 = low0, high3 = low0, high4 = low0, high5 = low0, high6 = low0, high7 = low0;
        nint columns = tile.Columns;
        for (nint i = 0; i < columns; i++, w += TFloats.Bytes)
        {
            TLane low = TFloats.Low(w, scale), high = TFloats.High(w, scale), v = TLane.Fill(x0[i]);
            low0 = TLane.MultiplyAdd(low, v, low0);
            high0 = TLane.MultiplyAdd(high, v, high0);
            v = TLane.Fill(x1[i]);
            low1 = TLane.MultiplyAdd(low, v, low1);
            high1 = TLane.MultiplyAdd(high, v, high1);
            v = TLane.Fill(x2[i]);
            low2 = TLane.MultiplyAdd(low, v, low2);
            high2 = TLane.MultiplyAdd(high, v, high2);
            v = TLane.Fill(x3[i]);
            low3 = TLane.MultiplyAdd(low, v, low3);
            high3 = TLane.MultiplyAdd(high, v, high3);
            v = TLane.Fill(x4[i]);
            low4 = TLane.MultiplyAdd(low, v, low4);
            high4 = TLane.MultiplyAdd(high, v, high4);
            v = TLane.Fill(x5[i]);
            low5 = TLane.MultiplyAdd(low, v, low5);
            high5 = TLane.MultiplyAdd(high, v, high5);
            v = TLane.Fill(x6[i]);
            low6 = TLane.MultiplyAdd(low, v, low6);
            high6 = TLane.MultiplyAdd(high, v, high6);
            v = TLane.Fill(x7[i]);
            low7 = TLane.MultiplyAdd(low, v, low7);
            high7 = TLane.MultiplyAdd(high, v, high7);
        }

        Add(low0, high0, sums);
        Add(low1, high1, sums + FloatPanels.Rows);
        Add(low2, high2, sums + (2 * FloatPanels.Rows));
        Add(low3, high3, sums + (3 * FloatPanels.Rows));
        Add(low4, high4, sums + (4 * FloatPanels.Rows));
        Add(low5, high5, sums + (5 * FloatPanels.Rows));
        Add(low6, high6, sums + (6 * FloatPanels.Rows));
        Add(low7, high7, sums + (7 * FloatPanels.Rows));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLane>(TLane low, TLane high, float* sums)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane.Store(TLane.Load(in *sums) + low, ref *sums);
        TLane.Store(TLane.Load(in sums[FloatPanels.Rows / 2]) + high, ref sums[FloatPanels.Rows / 2]);
    }
}
