using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Products of several weights with the same token vectors, side by side in the outcome: one fork and join for all.</summary>
/// <param name="weights">The weights, all with the same columns.</param>
/// <param name="x">Shape [tokens, columns].</param>
/// <param name="y">Receives the products, shape [tokens, ≥ column + rows of all].</param>
/// <param name="column">Where in a row of <paramref name="y"/> the products begin.</param>
internal readonly ref struct Products(ReadOnlySpan<Weight> weights, Activations x, Matrix y, int column) : ITeamWork
{
    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Alone = 1 << 16;

    private readonly ReadOnlySpan<Weight> _weights = weights;
    private readonly Activations _x = x;
    private readonly Matrix _y = y;
    private readonly int _column = column;

    /// <summary>Works them out, with the team or, where they are too little to share, alone.</summary>
    public void Run(Team team)
    {
        long operations = 0;
        foreach (Weight weight in _weights)
        {
            weight.Multiplier.Prepare(_x.Values.Rows);
            operations += (long)weight.Rows * weight.Columns * _x.Values.Rows;
        }

        if (operations < Alone)
            Run(0, 1);
        else
            team.Run(in this);
    }

    public void Run(int member, int members)
    {
        int column = _column;
        foreach (Weight weight in _weights)
        {
            weight.Multiplier.Multiply(in _x, _y, column, member, members);
            column += weight.Rows;
        }
    }
}
