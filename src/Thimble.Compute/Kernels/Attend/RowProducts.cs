using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A few rows times a page's cells: <c>c = keep · c + Σᵢ a[i] · b[i]</c>; both products of attention are this one.</summary>
/// <remarks>Sums live in registers, four rows by up to four registers. Each is one chain of multiply-adds in the order of i, so its
/// bits depend neither on the rows beside it nor on the shape of the block.</remarks>
internal readonly unsafe ref struct RowProducts
{
    /// <summary>Left operand, shape [<see cref="Rows"/>, ≥ <see cref="End"/>].</summary>
    public required float* A { get; init; }

    /// <summary>Floats from one row of <see cref="A"/> to the next.</summary>
    public required int AStride { get; init; }

    /// <summary>Rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The first i.</summary>
    public int First { get; init; }

    /// <summary>The i after the last.</summary>
    public required int End { get; init; }

    /// <summary>Columns: cells of one row of b, which follow one another.</summary>
    public required int Columns { get; init; }

    /// <summary>Outcome, shape [<see cref="Rows"/>, <see cref="Columns"/>].</summary>
    public required float* C { get; init; }

    /// <summary>What of the outcome is kept, shape [<see cref="Rows"/>]; null for nothing. Where it is 0, C is not read.</summary>
    public float* Keep { get; init; }

    /// <summary>Multiplies.</summary>
    /// <param name="b">Cells, shape [≥ <see cref="End"/>, <see cref="Columns"/>].</param>
    public void Run<TLane, TCell>(TCell* b)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        for (int row = 0; row < Rows;)
        {
            int left = Rows - row, taken = left > 2 ? 4 : left, column = 0;
            if (taken == 4)
            {
                // The last block may name its last row twice: both then come to the same.
                if (TLane.Count == 16)
                {
                    for (; column <= Columns - (4 * TLane.Count); column += 4 * TLane.Count)
                        FourByFour<TLane, TCell>(in this, b, row, column);
                }

                for (; column <= Columns - (2 * TLane.Count); column += 2 * TLane.Count)
                    FourByTwo<TLane, TCell>(in this, b, row, column);
            }
            else if (taken == 2)
            {
                for (; column <= Columns - (4 * TLane.Count); column += 4 * TLane.Count)
                    TwoByFour<TLane, TCell>(in this, b, row, column);
            }

            int edge = column;
            for (int single = row; single < row + taken && single < Rows; single++)
            {
                column = edge;
                for (; column <= Columns - (4 * TLane.Count); column += 4 * TLane.Count)
                    OneByFour<TLane, TCell>(in this, b, single, column);
                for (; column <= Columns - (2 * TLane.Count); column += 2 * TLane.Count)
                    OneByTwo<TLane, TCell>(in this, b, single, column);
                for (; column <= Columns - TLane.Count; column += TLane.Count)
                    One<TLane, TCell>(in this, b, single, column);
                for (; column < Columns; column++)
                    One<Scalar, TCell>(in this, b, single, column);
            }

            row += taken;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* RowOfA(int row) => A + ((long)Math.Min(row, Rows - 1) * AStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* RowOfC(int row) => C + ((long)Math.Min(row, Rows - 1) * Columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Kept(int row) => Keep == null ? 0 : Keep[Math.Min(row, Rows - 1)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Begin<TLane>(float* c, float keep)
        where TLane : unmanaged, ILane<TLane> => keep == 0 ? TLane.Fill(0) : TLane.Load(in *c) * TLane.Fill(keep);

    [MethodImpl(HotLoop.Compiled)]
    private static void FourByFour<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        int n = TLane.Count;
        float* a0 = p.RowOfA(row), a1 = p.RowOfA(row + 1), a2 = p.RowOfA(row + 2), a3 = p.RowOfA(row + 3);
        float* c0 = p.RowOfC(row) + column, c1 = p.RowOfC(row + 1) + column, c2 = p.RowOfC(row + 2) + column, c3 = p.RowOfC(row + 3) + column;
        float k0 = p.Kept(row), k1 = p.Kept(row + 1), k2 = p.Kept(row + 2), k3 = p.Kept(row + 3);
        TLane c00 = Begin<TLane>(c0, k0), c01 = Begin<TLane>(c0 + n, k0), c02 = Begin<TLane>(c0 + (2 * n), k0), c03 = Begin<TLane>(c0 + (3 * n), k0);
        TLane c10 = Begin<TLane>(c1, k1), c11 = Begin<TLane>(c1 + n, k1), c12 = Begin<TLane>(c1 + (2 * n), k1), c13 = Begin<TLane>(c1 + (3 * n), k1);
        TLane c20 = Begin<TLane>(c2, k2), c21 = Begin<TLane>(c2 + n, k2), c22 = Begin<TLane>(c2 + (2 * n), k2), c23 = Begin<TLane>(c2 + (3 * n), k2);
        TLane c30 = Begin<TLane>(c3, k3), c31 = Begin<TLane>(c3 + n, k3), c32 = Begin<TLane>(c3 + (2 * n), k3), c33 = Begin<TLane>(c3 + (3 * n), k3);
        int columns = p.Columns, end = p.End;
        TCell* b = cells + ((long)p.First * columns) + column;
        for (nint i = p.First; i < end; i++, b += columns)
        {
            TLane b0 = TCell.Load<TLane>(in *b), b1 = TCell.Load<TLane>(in b[n]);
            TLane b2 = TCell.Load<TLane>(in b[2 * n]), b3 = TCell.Load<TLane>(in b[3 * n]);
            var a = TLane.Fill(a0[i]);
            c00 = TLane.MultiplyAdd(a, b0, c00);
            c01 = TLane.MultiplyAdd(a, b1, c01);
            c02 = TLane.MultiplyAdd(a, b2, c02);
            c03 = TLane.MultiplyAdd(a, b3, c03);
            a = TLane.Fill(a1[i]);
            c10 = TLane.MultiplyAdd(a, b0, c10);
            c11 = TLane.MultiplyAdd(a, b1, c11);
            c12 = TLane.MultiplyAdd(a, b2, c12);
            c13 = TLane.MultiplyAdd(a, b3, c13);
            a = TLane.Fill(a2[i]);
            c20 = TLane.MultiplyAdd(a, b0, c20);
            c21 = TLane.MultiplyAdd(a, b1, c21);
            c22 = TLane.MultiplyAdd(a, b2, c22);
            c23 = TLane.MultiplyAdd(a, b3, c23);
            a = TLane.Fill(a3[i]);
            c30 = TLane.MultiplyAdd(a, b0, c30);
            c31 = TLane.MultiplyAdd(a, b1, c31);
            c32 = TLane.MultiplyAdd(a, b2, c32);
            c33 = TLane.MultiplyAdd(a, b3, c33);
        }

        Four(c0, c00, c01, c02, c03);
        Four(c1, c10, c11, c12, c13);
        Four(c2, c20, c21, c22, c23);
        Four(c3, c30, c31, c32, c33);
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void FourByTwo<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        int n = TLane.Count;
        float* a0 = p.RowOfA(row), a1 = p.RowOfA(row + 1), a2 = p.RowOfA(row + 2), a3 = p.RowOfA(row + 3);
        float* c0 = p.RowOfC(row) + column, c1 = p.RowOfC(row + 1) + column, c2 = p.RowOfC(row + 2) + column, c3 = p.RowOfC(row + 3) + column;
        float k0 = p.Kept(row), k1 = p.Kept(row + 1), k2 = p.Kept(row + 2), k3 = p.Kept(row + 3);
        TLane c00 = Begin<TLane>(c0, k0), c01 = Begin<TLane>(c0 + n, k0), c10 = Begin<TLane>(c1, k1), c11 = Begin<TLane>(c1 + n, k1);
        TLane c20 = Begin<TLane>(c2, k2), c21 = Begin<TLane>(c2 + n, k2), c30 = Begin<TLane>(c3, k3), c31 = Begin<TLane>(c3 + n, k3);
        int columns = p.Columns, end = p.End;
        TCell* b = cells + ((long)p.First * columns) + column;
        for (nint i = p.First; i < end; i++, b += columns)
        {
            TLane b0 = TCell.Load<TLane>(in *b), b1 = TCell.Load<TLane>(in b[n]);
            var a = TLane.Fill(a0[i]);
            c00 = TLane.MultiplyAdd(a, b0, c00);
            c01 = TLane.MultiplyAdd(a, b1, c01);
            a = TLane.Fill(a1[i]);
            c10 = TLane.MultiplyAdd(a, b0, c10);
            c11 = TLane.MultiplyAdd(a, b1, c11);
            a = TLane.Fill(a2[i]);
            c20 = TLane.MultiplyAdd(a, b0, c20);
            c21 = TLane.MultiplyAdd(a, b1, c21);
            a = TLane.Fill(a3[i]);
            c30 = TLane.MultiplyAdd(a, b0, c30);
            c31 = TLane.MultiplyAdd(a, b1, c31);
        }

        Two(c0, c00, c01);
        Two(c1, c10, c11);
        Two(c2, c20, c21);
        Two(c3, c30, c31);
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void TwoByFour<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        int n = TLane.Count;
        float* a0 = p.RowOfA(row), a1 = p.RowOfA(row + 1), c0 = p.RowOfC(row) + column, c1 = p.RowOfC(row + 1) + column;
        float k0 = p.Kept(row), k1 = p.Kept(row + 1);
        TLane c00 = Begin<TLane>(c0, k0), c01 = Begin<TLane>(c0 + n, k0), c02 = Begin<TLane>(c0 + (2 * n), k0), c03 = Begin<TLane>(c0 + (3 * n), k0);
        TLane c10 = Begin<TLane>(c1, k1), c11 = Begin<TLane>(c1 + n, k1), c12 = Begin<TLane>(c1 + (2 * n), k1), c13 = Begin<TLane>(c1 + (3 * n), k1);
        int columns = p.Columns, end = p.End;
        TCell* b = cells + ((long)p.First * columns) + column;
        for (nint i = p.First; i < end; i++, b += columns)
        {
            TLane b0 = TCell.Load<TLane>(in *b), b1 = TCell.Load<TLane>(in b[n]);
            TLane b2 = TCell.Load<TLane>(in b[2 * n]), b3 = TCell.Load<TLane>(in b[3 * n]);
            var a = TLane.Fill(a0[i]);
            c00 = TLane.MultiplyAdd(a, b0, c00);
            c01 = TLane.MultiplyAdd(a, b1, c01);
            c02 = TLane.MultiplyAdd(a, b2, c02);
            c03 = TLane.MultiplyAdd(a, b3, c03);
            a = TLane.Fill(a1[i]);
            c10 = TLane.MultiplyAdd(a, b0, c10);
            c11 = TLane.MultiplyAdd(a, b1, c11);
            c12 = TLane.MultiplyAdd(a, b2, c12);
            c13 = TLane.MultiplyAdd(a, b3, c13);
        }

        Four(c0, c00, c01, c02, c03);
        Four(c1, c10, c11, c12, c13);
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void OneByFour<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        int n = TLane.Count;
        float* a = p.RowOfA(row), c = p.RowOfC(row) + column;
        float keep = p.Kept(row);
        TLane c0 = Begin<TLane>(c, keep), c1 = Begin<TLane>(c + n, keep), c2 = Begin<TLane>(c + (2 * n), keep), c3 = Begin<TLane>(c + (3 * n), keep);
        int columns = p.Columns, end = p.End;
        TCell* b = cells + ((long)p.First * columns) + column;
        for (nint i = p.First; i < end; i++, b += columns)
        {
            var x = TLane.Fill(a[i]);
            c0 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in *b), c0);
            c1 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in b[n]), c1);
            c2 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in b[2 * n]), c2);
            c3 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in b[3 * n]), c3);
        }

        Four(c, c0, c1, c2, c3);
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void OneByTwo<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        int n = TLane.Count;
        float* a = p.RowOfA(row), c = p.RowOfC(row) + column;
        float keep = p.Kept(row);
        TLane c0 = Begin<TLane>(c, keep), c1 = Begin<TLane>(c + n, keep);
        int columns = p.Columns, end = p.End;
        TCell* b = cells + ((long)p.First * columns) + column;
        for (nint i = p.First; i < end; i++, b += columns)
        {
            var x = TLane.Fill(a[i]);
            c0 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in *b), c0);
            c1 = TLane.MultiplyAdd(x, TCell.Load<TLane>(in b[n]), c1);
        }

        Two(c, c0, c1);
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void One<TLane, TCell>(in RowProducts p, TCell* cells, int row, int column)
        where TLane : unmanaged, ILane<TLane>
        where TCell : unmanaged, ICell<TCell>
    {
        float* a = p.RowOfA(row), c = p.RowOfC(row) + column;
        TLane sum = Begin<TLane>(c, p.Kept(row));
        for (nint i = p.First; i < p.End; i++)
            sum = TLane.MultiplyAdd(TLane.Fill(a[i]), TCell.Load<TLane>(in cells[(i * p.Columns) + column]), sum);
        TLane.Store(sum, ref *c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two<TLane>(float* c, TLane c0, TLane c1)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane.Store(c0, ref *c);
        TLane.Store(c1, ref c[TLane.Count]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<TLane>(float* c, TLane c0, TLane c1, TLane c2, TLane c3)
        where TLane : unmanaged, ILane<TLane>
    {
        Two(c, c0, c1);
        Two(c + (2 * TLane.Count), c2, c3);
    }
}
