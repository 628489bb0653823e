using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Models.Blocks;

/// <summary>Work on the rows of a matrix, each by itself.</summary>
internal interface IRowWork
{
    /// <summary>Does one row.</summary>
    void Row(int row);
}

/// <summary>Shares rows among a team: a long prompt's norms and functions take longer than a fork and join, one token's do not.</summary>
internal static class RowWork
{
    /// <summary>Floats below which the caller does the rows alone.</summary>
    private const int Alone = 1 << 14;

    /// <summary>Does every row.</summary>
    /// <param name="team">Who shares them.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="floats">Floats that a row's work touches.</param>
    /// <param name="work">The work.</param>
    public static void Run<TWork>(Team team, int rows, int floats, TWork work)
        where TWork : IRowWork, allows ref struct
    {
        var shared = new Shared<TWork>(work, rows);
        if ((long)rows * floats < Alone)
            shared.Run(0, 1);
        else
            team.Run(in shared);
    }

    private readonly ref struct Shared<TWork>(TWork work, int rows) : ITeamWork
        where TWork : IRowWork, allows ref struct
    {
        private readonly TWork _work = work;
        private readonly int _rows = rows;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_rows, 1, member, members);
            for (int row = first; row < end; row++)
                _work.Row(row);
        }
    }
}

/// <summary><c>y[row] = norm(x[row])</c>.</summary>
internal readonly ref struct NormRows(Norm norm, Matrix x, Matrix y) : IRowWork
{
    private readonly Norm _norm = norm;
    private readonly Matrix _x = x, _y = y;

    public void Row(int row) => _norm.Apply(_x[row], _y[row]);
}

/// <summary><c>y[row] = y[row] + scale · x[row]</c>.</summary>
internal readonly ref struct AddRows(Matrix x, float scale, Matrix y) : IRowWork
{
    private readonly Matrix _x = x, _y = y;
    private readonly float _scale = scale;

    public void Row(int row) => Lanes.Best(new AddScaled(_x[row], _scale, _y[row]));
}

/// <summary><c>y[row] = f(both[row, ..wide]) ⊙ both[row, wide..]</c>, the left half being used up.</summary>
internal readonly ref struct GateRows(Nonlinearity function, Matrix both, Matrix y) : IRowWork
{
    private readonly Nonlinearity _function = function;
    private readonly Matrix _both = both, _y = y;

    public void Row(int row)
    {
        Span<float> gate = _both[row][.._y.Columns];
        _function.Gate(gate, _both[row][_y.Columns..]);
        gate.CopyTo(_y[row]);
    }
}

/// <summary><c>x[row] = f(x[row])</c>.</summary>
internal readonly ref struct MapRows(Nonlinearity function, Matrix x) : IRowWork
{
    private readonly Nonlinearity _function = function;
    private readonly Matrix _x = x;

    public void Row(int row) => _function.Apply(_x[row]);
}
