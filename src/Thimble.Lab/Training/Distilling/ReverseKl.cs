namespace Thimble.Lab.Training;

/// <summary>Reverse Kullback-Leibler divergence, which keeps the student to what the teacher likes best: <c>Σ q · ln(q / p)</c>.</summary>
/// <remarks>Source: Gu et al., "MiniLLM: Knowledge Distillation of Large Language Models", 2024, section 2.1.</remarks>
internal sealed class ReverseKl : IDivergence
{
    /// <inheritdoc />
    public double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q, Span<float> slopes)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double ratio = Math.Log(Math.Max(q[i], Divergences.Least) / (double)Math.Max(p[i], Divergences.Least));
            sum += q[i] * ratio;
            slopes[i] = (float)(ratio + 1);
        }

        return sum;
    }
}
