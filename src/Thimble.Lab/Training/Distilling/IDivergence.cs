namespace Thimble.Lab.Training;

/// <summary>How far a student's distribution is from its teacher's.</summary>
internal interface IDivergence
{
    /// <summary>The divergence, and how it changes with the student's probabilities.</summary>
    /// <param name="p">The teacher's, shape [vocabulary].</param>
    /// <param name="q">The student's, shape [vocabulary].</param>
    /// <param name="slopes">Receives <c>∂D/∂q</c>, shape [vocabulary].</param>
    /// <returns>The divergence in nats.</returns>
    double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q, Span<float> slopes);
}

/// <summary>The divergences by name.</summary>
internal static class Divergences
{
    /// <summary>Below it a probability is taken for it, where its logarithm is asked for.</summary>
    public const float Least = 1e-12f;

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["forward", "reverse", "skewed-forward", "skewed-reverse"];

    /// <summary>The one of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="skew">Share of the other distribution that the skewed ones mix in.</param>
    /// <exception cref="NotSupportedException">The name is unknown.</exception>
    public static IDivergence Named(string name, float skew) => name switch
    {
        "forward" => new ForwardKl(),
        "reverse" => new ReverseKl(),
        "skewed-forward" => new SkewedKl(skew),
        "skewed-reverse" => new SkewedReverseKl(skew),
        _ => throw new NotSupportedException($"Divergence '{name}' is unknown; known: {string.Join(", ", Names)}."),
    };
}
