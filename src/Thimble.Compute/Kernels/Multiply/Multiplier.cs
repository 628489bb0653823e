using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies one weight. Bound to it when it is opened.</summary>
internal abstract class Multiplier
{
    /// <summary>Whether it wants activations in bytes.</summary>
    public abstract bool TakesBytes { get; }

    /// <summary><c>y[:, column + r] = x · W[r]</c> for all rows r.</summary>
    /// <remarks>A product may depend on its row and its token only: the same bits for any number of tokens and threads.</remarks>
    public abstract void Multiply(in Activations x, Matrix y, int column, Team team);
}
