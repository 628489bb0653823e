namespace Thimble.Lab.Training;

/// <summary>How the rate goes over a training: up for a while, then as its shape says.</summary>
public sealed record Schedule
{
    /// <summary>One of <c>constant</c>, <c>linear</c>, <c>cosine</c>, <c>wsd</c> (level, then down over the last fifth).</summary>
    public string Shape { get; init; } = "cosine";

    /// <summary>Steps over which the rate rises from 0.</summary>
    public int WarmUp { get; init; }

    /// <summary>Share of the highest rate that it ends at.</summary>
    public float Floor { get; init; } = 0.1f;

    /// <summary>The rate's share of its highest.</summary>
    /// <param name="step">From 1 on.</param>
    /// <param name="steps">Steps of the whole training.</param>
    /// <exception cref="ArgumentException">The shape is unknown.</exception>
    public float At(int step, int steps)
    {
        if (step <= WarmUp)
            return (float)step / WarmUp;

        double done = Math.Clamp((double)(step - WarmUp) / Math.Max(1, steps - WarmUp), 0, 1);
        double left = Shape switch
        {
            "constant" => 1,
            "linear" => 1 - done,
            "cosine" => (1 + Math.Cos(Math.PI * done)) / 2,
            "wsd" => Math.Min(1, (1 - done) / 0.2),
            _ => throw new ArgumentException($"Schedule '{Shape}' is unknown; known: constant, cosine, linear, wsd."),
        };
        return (float)(Floor + ((1 - Floor) * left));
    }
}
