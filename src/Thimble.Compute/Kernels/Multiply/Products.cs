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
    internal const long Alone = 1 << 16;

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

/// <summary>Products of groups of weights, such as experts, each group with token vectors of its own: one fork and join for all.</summary>
/// <remarks>A product's bits are those that <see cref="Products"/> gives group by group.</remarks>
/// <param name="weights">The weights of every group there is; those of one group have the same columns.</param>
/// <param name="groups">The groups at hand.</param>
/// <param name="ends">Where in the rows of <paramref name="x"/> and <paramref name="y"/> each ends, rising.</param>
/// <param name="x">Shape [tokens, columns], each group's rows rounded by themselves.</param>
/// <param name="y">Receives the products, shape [tokens, rows of a group's weights].</param>
internal readonly ref struct GroupedProducts(Weight[][] weights, ReadOnlySpan<int> groups, ReadOnlySpan<int> ends, Activations x, Matrix y) : ITeamWork
{
    private readonly Weight[][] _weights = weights;
    private readonly ReadOnlySpan<int> _groups = groups, _ends = ends;
    private readonly Activations _x = x;
    private readonly Matrix _y = y;

    /// <summary>Rounds the vectors and works the products out, with the team or, where they are too little to share, alone.</summary>
    public void Run(Team team)
    {
        long operations = 0;
        for (int i = 0, first = 0; i < _groups.Length; first = _ends[i++])
        {
            int count = _ends[i] - first;
            _x.Part(first, count).Round(team);
            foreach (Weight weight in _weights[_groups[i]])
            {
                weight.Multiplier.Prepare(count);
                operations += (long)weight.Rows * weight.Columns * count;
            }
        }

        if (operations < Products.Alone)
            Run(0, 1);
        else
            team.Run(in this);
    }

    public void Run(int member, int members)
    {
        for (int i = 0, first = 0; i < _groups.Length; first = _ends[i++])
        {
            int count = _ends[i] - first, column = 0;
            Activations x = _x.Part(first, count);
            Matrix y = _y.Part(first, count);
            foreach (Weight weight in _weights[_groups[i]])
            {
                weight.Multiplier.Multiply(in x, y, column, member, members);
                column += weight.Rows;
            }
        }
    }
}
