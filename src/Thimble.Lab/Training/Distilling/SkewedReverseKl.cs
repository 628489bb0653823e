namespace Thimble.Lab.Training;

/// <summary>Skewed reverse divergence, finite where the teacher has nothing: <c>Σ q · ln(q / m)</c>, <c>m = α · q + (1 − α) · p</c>.</summary>
/// <param name="skew">α, from 0 to below 1.</param>
/// <remarks>Source: Ko et al., "DistiLLM: Towards Streamlined Distillation for Large Language Models", 2024, section 3.1.</remarks>
internal sealed class SkewedReverseKl(float skew) : IDivergence
{
    /// <inheritdoc />
    public double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q, Span<float> slopes)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double mixed = Math.Max((skew * q[i]) + ((1 - skew) * p[i]), Divergences.Least);
            double ratio = Math.Log(Math.Max(q[i], Divergences.Least) / mixed);
            sum += q[i] * ratio;
            slopes[i] = (float)(ratio + 1 - (skew * q[i] / mixed));
        }

        return sum;
    }
}
