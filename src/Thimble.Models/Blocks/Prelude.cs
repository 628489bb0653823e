using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>Something computed once from the embedded tokens, before the layers that use it.</summary>
internal abstract record Prelude
{
    /// <summary>The weights it multiplies with.</summary>
    public abstract IEnumerable<Weight> Weights { get; }

    /// <summary>Writes down what a run asks of a machine.</summary>
    public virtual void Describe(Demands demands)
    {
        foreach (Weight weight in Weights)
            demands.Product([weight]);
    }

    /// <summary>Computes it.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Embedded tokens, shape [rows, features].</param>
    public abstract void Apply(Pass pass, Matrix x);
}
