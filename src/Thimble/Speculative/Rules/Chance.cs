using Thimble.Sampling;

namespace Thimble.Speculative;

/// <summary>Where a rule takes its random choices from; a test puts all choices in its place, each with its probability.</summary>
internal abstract class Chance
{
    /// <summary>Whether something of a probability happens.</summary>
    /// <param name="probability">In [0, 1].</param>
    public abstract bool Happens(double probability);

    /// <summary>Chooses by weight.</summary>
    /// <param name="weights">At least one above 0; they need not sum to 1.</param>
    /// <returns>An index of weight above 0.</returns>
    public abstract int Draw(ReadOnlySpan<double> weights);
}

/// <summary>The random numbers of a text's sampler: those of a position and a purpose, numbered where one needs several.</summary>
/// <param name="sampler">The sampler.</param>
internal sealed class SampledChance(Sampler sampler) : Chance
{
    private long _position = -1;
    private int _asked;

    /// <inheritdoc />
    public override bool Happens(double probability) => Uniform(DrawPurpose.Acceptance) < probability;

    /// <inheritdoc />
    public override int Draw(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (double weight in weights)
            sum += weight;
        double left = Uniform(DrawPurpose.Residual) * sum;
        int last = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0)
                continue;
            last = i;
            left -= weights[i];
            if (left < 0)
                break;
        }

        return last;
    }

    private double Uniform(DrawPurpose purpose)
    {
        if (sampler.Generated != _position)
            (_position, _asked) = (sampler.Generated, 0);
        return sampler.Uniform(purpose, _asked++);
    }
}
