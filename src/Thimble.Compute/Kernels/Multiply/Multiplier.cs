using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies one weight. Bound to it when it is opened.</summary>
internal abstract class Multiplier : IDisposable
{
    /// <summary>Multiply-adds below which a second thread costs more than it saves.</summary>
    private const long Alone = 1 << 16;

    /// <summary>Whether it wants activations in bytes.</summary>
    public abstract bool TakesBytes { get; }

    /// <summary>Bytes of its own that a product reads; 0 if it reads the weight as stored.</summary>
    public virtual long Bytes => 0;

    /// <summary><c>y[:, column + r] = x · W[r]</c> for all rows r.</summary>
    /// <remarks>A product may depend on its row and its token only: the same bits for any number of tokens and threads.</remarks>
    public abstract void Multiply(in Activations x, Matrix y, int column, Team team);

    /// <summary>Frees memory of its own.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>Runs work with the team, or alone where it is too little to share.</summary>
    private protected static void Share<TWork>(Team team, long operations, scoped in TWork work)
        where TWork : ITeamWork, allows ref struct
    {
        if (operations < Alone)
            work.Run(0, 1);
        else
            team.Run(in work);
    }
}
