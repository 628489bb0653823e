using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>A computation on token vectors: a row of output for every row of input.</summary>
internal abstract record Block
{
    /// <summary>Features it gives.</summary>
    public abstract int Outputs { get; }

    /// <summary>The weights it multiplies with.</summary>
    public abstract IEnumerable<Weight> Weights { get; }

    /// <summary>Bytes of weights that one token meets.</summary>
    public virtual long BytesPerToken => Weights.Sum(weight => weight.Bytes);

    /// <summary>Writes down what a run asks of a machine; by default, that every token meets every weight once.</summary>
    /// <param name="demands">Receives the operations, in the order they are computed.</param>
    public virtual void Describe(Demands demands)
    {
        foreach (Weight weight in Weights)
            demands.Product([weight]);
    }

    /// <summary>Runs it.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="y">Receives the outcome, shape [rows, <see cref="Outputs"/>]; not <paramref name="x"/>.</param>
    public abstract void Apply(Pass pass, Matrix x, Matrix y);
}

/// <summary>A block that mixes tokens: it remembers something of those before.</summary>
internal abstract record Mixer : Block
{
    /// <summary>What it keeps of a sequence.</summary>
    public abstract StateShape State { get; }

    /// <summary>Its number among the mixers of its model; set by the <see cref="Decoder"/> that owns it.</summary>
    public int Number { get; set; } = -1;

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        base.Describe(demands);
        if (State.Floats > 0)
            demands.Recurrence($"recurrence.{Number}", State.Floats);
    }
}
