using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Products of float matrices that change from call to call, as training needs them: the right one is packed each time.</summary>
/// <remarks>A product depends on its row and its column only, never on how many threads take part. Cost: 2 · rows · inner · columns
/// operations; packing reads and writes the right matrix once.</remarks>
internal sealed unsafe class Gemm(Team team) : IDisposable
{
    private static readonly float[] s_ones = Ones();

    private Allocation _panels = new(1 << 16), _turned = new(1 << 16);

    /// <summary><c>y = x · wᵀ</c>.</summary>
    /// <param name="x">Shape [rows, inner].</param>
    /// <param name="w">Shape [columns, inner].</param>
    /// <param name="y">Receives the products, shape [rows, columns].</param>
    /// <param name="adds">Whether they are added to what is there.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void MultiplyByRows(Matrix x, Matrix w, Matrix y, bool adds = false)
    {
        Require(x.Rows, x.Columns, w.Rows, w.Columns, y);
        Run(x, w, y, byRows: true, adds);
    }

    /// <summary><c>y = x · w</c>.</summary>
    /// <param name="x">Shape [rows, inner].</param>
    /// <param name="w">Shape [inner, columns].</param>
    /// <param name="y">Receives the products, shape [rows, columns].</param>
    /// <param name="adds">Whether they are added to what is there.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void Multiply(Matrix x, Matrix w, Matrix y, bool adds = false)
    {
        Require(x.Rows, x.Columns, w.Columns, w.Rows, y);
        Run(x, w, y, byRows: false, adds);
    }

    /// <summary><c>y = xᵀ · w</c>.</summary>
    /// <param name="x">Shape [inner, rows].</param>
    /// <param name="w">Shape [inner, columns].</param>
    /// <param name="y">Receives the products, shape [rows, columns].</param>
    /// <param name="adds">Whether they are added to what is there.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void MultiplyTurned(Matrix x, Matrix w, Matrix y, bool adds = false)
    {
        Require(x.Columns, x.Rows, w.Columns, w.Rows, y);
        Room(ref _turned, x.Values.Length);
        Matrix turned = new(_turned.Floats[..x.Values.Length], x.Rows);
        team.Run(new Turning(x, turned));
        Run(turned, w, y, byRows: false, adds);
    }

    /// <summary>Frees its scratch memory.</summary>
    public void Dispose()
    {
        _panels.Dispose();
        _turned.Dispose();
    }

    private static float[] Ones()
    {
        float[] ones = new float[4096];
        Array.Fill(ones, 1);
        return ones;
    }

    private static void Require(int rows, int inner, int columns, int other, Matrix y)
    {
        if (inner != other || y.Rows != rows || y.Columns != columns)
            throw new ArgumentException($"Matrices of {rows}×{inner} and {other}×{columns} have no product of {y.Rows}×{y.Columns}.", nameof(y));
    }

    private static void Room(ref Allocation memory, long floats)
    {
        if (memory.Length >= floats * sizeof(float))
            return;
        memory.Dispose();
        memory = new Allocation(floats * sizeof(float));
    }

    private void Run(Matrix x, Matrix w, Matrix y, bool byRows, bool adds)
    {
        int panels = (y.Columns + FloatPanels.Rows - 1) / FloatPanels.Rows;
        Room(ref _panels, (long)panels * FloatPanels.Rows * x.Columns);
        team.Run(new Packing(w, _panels, panels, byRows));
        team.Run(new Sharing(x, y, _panels, panels, adds));
    }

    /// <summary>Packs the right matrix by thirty-two columns of the outcome.</summary>
    private readonly ref struct Packing(Matrix w, Allocation packed, int panels, bool byRows) : ITeamWork
    {
        private readonly Matrix _w = w;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(panels, 1, member, members);
            int inner = byRows ? _w.Columns : _w.Rows;
            fixed (float* w = _w.Values)
            {
                for (int panel = first; panel < end; panel++)
                {
                    float* to = (float*)packed.Start + ((long)panel * FloatPanels.Rows * inner);
                    int column = panel * FloatPanels.Rows;
                    if (byRows)
                        PanelTranspose.Floats(w + ((long)column * inner), Math.Min(FloatPanels.Rows, _w.Rows - column), inner, to);
                    else
                        Copy(column, to);
                }
            }
        }

        private void Copy(int column, float* to)
        {
            int width = Math.Min(FloatPanels.Rows, _w.Columns - column);
            for (int i = 0; i < _w.Rows; i++, to += FloatPanels.Rows)
            {
                Span<float> row = new(to, FloatPanels.Rows);
                _w[i].Slice(column, width).CopyTo(row);
                row[width..].Clear();
            }
        }
    }

    /// <summary>Members share the panels, or where there are few, the rows.</summary>
    private readonly ref struct Sharing(Matrix x, Matrix y, Allocation packed, int panels, bool adds) : ITeamWork
    {
        private readonly Matrix _x = x, _y = y;

        public void Run(int member, int members)
        {
            bool byRow = _x.Rows >= 64 * members;
            (int first, int end) = byRow ? (0, panels) : Shares.Of(panels, 1, member, members);
            (int row, int last) = byRow ? Shares.Of(_x.Rows, 8, member, members) : (0, _x.Rows);
            for (; first < end && row < last; first += s_ones.Length)
            {
                int count = Math.Min(s_ones.Length, end - first);
                Lanes.Best(new FloatPanelMatrix<WideFloats>(new FloatPanelTask
                {
                    Panels = packed.Start + ((long)first * FloatPanels.Rows * _x.Columns * sizeof(float)),
                    Scales = s_ones.AsSpan(0, count),
                    Rows = Math.Min(_y.Columns - (first * FloatPanels.Rows), count * FloatPanels.Rows),
                    X = _x.Part(row, last - row),
                    Y = _y.Part(row, last - row),
                    Column = first * FloatPanels.Rows,
                    Adds = adds,
                }));
            }
        }
    }

    /// <summary>Rows become columns, in squares that fit the nearest cache.</summary>
    private readonly ref struct Turning(Matrix x, Matrix y) : ITeamWork
    {
        private const int Square = 32;

        private readonly Matrix _x = x, _y = y;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_x.Columns, Square, member, members);
            for (int row = 0; row < _x.Rows; row += Square)
            {
                for (int column = first; column < end; column += Square)
                    Turn(row, Math.Min(row + Square, _x.Rows), column, Math.Min(column + Square, end));
            }
        }

        private void Turn(int row, int lastRow, int column, int lastColumn)
        {
            for (int c = column; c < lastColumn; c++)
            {
                Span<float> to = _y[c];
                for (int r = row; r < lastRow; r++)
                    to[r] = _x[r][c];
            }
        }
    }
}
