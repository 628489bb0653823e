namespace Thimble.Lab.Training;

/// <summary>Skewed forward divergence, whose gradient stays small where the student has next to nothing: <c>Σ p · ln(p / m)</c>, <c>m = α · p + (1 − α) · q</c>.</summary>
/// <param name="skew">α, from 0 to below 1.</param>
/// <remarks>Source: Ko et al., "DistiLLM: Towards Streamlined Distillation for Large Language Models", 2024, section 3.1.</remarks>
internal sealed class SkewedKl(float skew) : IDivergence
{
    /// <inheritdoc />
    public double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q, Span<float> slopes)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            float mixed = Math.Max((skew * p[i]) + ((1 - skew) * q[i]), Divergences.Least);
            sum += p[i] > 0 ? p[i] * Math.Log(p[i] / (double)mixed) : 0;
            slopes[i] = -(1 - skew) * p[i] / mixed;
        }

        return sum;
    }
}
