namespace Thimble.Lab.Training;

/// <summary>How a parameter moves by its gradient.</summary>
internal abstract class Optimiser
{
    /// <summary>Numbers it remembers for each number of a parameter.</summary>
    public abstract int Slots { get; }

    /// <summary>Moves a parameter.</summary>
    /// <param name="step">Where, and how far.</param>
    /// <param name="values">The numbers, to be changed, shape [rows · columns].</param>
    /// <param name="gradient">Their gradient; it may be overwritten.</param>
    /// <param name="memory">What it remembered, zeros at first, <see cref="Slots"/> times the length of <paramref name="values"/>.</param>
    public abstract void Move(in OptimiserStep step, Span<float> values, Span<float> gradient, Span<float> memory);
}

/// <summary>A step of an optimiser.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Rate">How far.</param>
/// <param name="Decay">Share of the values, times the rate, that is taken off.</param>
/// <param name="Rows">Rows of the parameter; 1 for vectors.</param>
internal readonly record struct OptimiserStep(int Number, float Rate, float Decay, int Rows);
