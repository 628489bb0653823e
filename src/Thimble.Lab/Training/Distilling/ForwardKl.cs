namespace Thimble.Lab.Training;

/// <summary>Forward Kullback-Leibler divergence, which spreads the student over all that the teacher may say: <c>Σ p · ln(p / q)</c>.</summary>
/// <remarks>Source: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, section 2.</remarks>
internal sealed class ForwardKl : IDivergence
{
    /// <inheritdoc />
    public double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q, Span<float> slopes)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            float own = Math.Max(q[i], Divergences.Least);
            sum += p[i] > 0 ? p[i] * Math.Log(p[i] / (double)own) : 0;
            slopes[i] = -p[i] / own;
        }

        return sum;
    }
}
