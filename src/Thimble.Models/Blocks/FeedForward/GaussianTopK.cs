namespace Thimble.Models.Blocks;

/// <summary>Lets about the greatest k of some values through without sorting them: <c>y = max(0, x − mean(x) − multiple · deviation(x))</c>.</summary>
/// <remarks>If the values were normally distributed, a share <c>Φ(multiple)</c> of them would become 0: 1.645 lets a twentieth through.
/// Source: You et al., "Spark Transformer", 2025, section 3 ("statistical top-k"), as Gemma 3n applies it.</remarks>
/// <param name="Multiple">How many deviations above the mean the least value lies that is let through.</param>
internal sealed record GaussianTopK(float Multiple)
{
    /// <summary>Cuts a vector in place.</summary>
    /// <param name="x">Shape [features].</param>
    public void Apply(Span<float> x)
    {
        double sum = 0, squares = 0;
        foreach (float value in x)
            sum += value;
        double mean = sum / x.Length;
        foreach (float value in x)
            squares += (value - mean) * (value - mean);

        float least = (float)(mean + (Multiple * Math.Sqrt(squares / Math.Max(1, x.Length - 1))));
        foreach (ref float value in x)
            value = Math.Max(0, value - least);
    }
}
