using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies one weight. Bound to it when it is opened.</summary>
internal abstract class Multiplier : IDisposable
{
    /// <summary>Whether it wants activations in bytes.</summary>
    public abstract bool TakesBytes { get; }

    /// <summary>Bytes of its own that a product reads; 0 if it reads the weight as stored.</summary>
    public virtual long Bytes => 0;

    /// <summary>Looks once how this shape is multiplied fastest with several tokens; called before the shares run.</summary>
    /// <param name="tokens">How many there will be.</param>
    public virtual void Prepare(int tokens)
    {
    }

    /// <summary>One member's share of <c>y[:, column + r] = x · W[r]</c> for all rows r.</summary>
    /// <param name="x">Shape [tokens, columns], in bytes too if <see cref="TakesBytes"/>.</param>
    /// <param name="y">Receives the products, shape [tokens, ≥ column + rows].</param>
    /// <param name="column">Where in a row of <paramref name="y"/> the products begin.</param>
    /// <param name="member">Whose share, in [0, members).</param>
    /// <param name="members">How many shares; shares run at the same time.</param>
    /// <remarks>A product may depend on its row and its token only: the same bits for any number of tokens and shares.</remarks>
    public abstract void Multiply(in Activations x, Matrix y, int column, int member, int members);

    /// <summary>Frees memory of its own.</summary>
    public virtual void Dispose()
    {
    }
}
