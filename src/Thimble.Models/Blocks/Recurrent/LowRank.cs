using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary><c>y = Up · f(Down · x) + bias</c> through a small rank.</summary>
/// <param name="Down">To the rank.</param>
/// <param name="Up">Back, with its bias.</param>
/// <param name="Function">f; null for none.</param>
internal sealed record LowRank(Linear Down, Linear Up, Nonlinearity? Function)
{
    /// <summary>The weights it multiplies with.</summary>
    public IEnumerable<Weight> Weights => [.. Down.Weights, .. Up.Weights];

    /// <summary>Runs it.</summary>
    /// <param name="pass">Lends the outcome.</param>
    /// <param name="x">Shape [rows, features].</param>
    public Matrix Apply(Pass pass, Matrix x)
    {
        Matrix rank = pass.Scratch.Rent(x.Rows, Down.Outputs), y = pass.Scratch.Rent(x.Rows, Up.Outputs);
        Down.Apply(pass, x, rank);
        Function?.Apply(rank.Values);
        Up.Apply(pass, rank, y);
        return y;
    }
}
