using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Keeps the candidates within n standard deviations of the greatest logit: <c>logit ≥ greatest − n · σ</c>.</summary>
/// <remarks>Source: Tang et al., "Top-nσ: Not All Logits Are You Need", 2024, section 3. σ is over the candidates, not the vocabulary, as in llama.cpp.</remarks>
internal sealed class TopNSigma(float n) : ISamplerStep
{
    [ModuleInitializer]
    internal static void Register() =>
        SamplerSteps.Add("top_n_sigma", reweighs: false, (options, _) => options.TopNSigma > 0 ? new TopNSigma(options.TopNSigma) : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        double mean = 0, variance = 0;
        foreach (float logit in candidates.Logits)
            mean += logit;
        mean /= candidates.Count;
        foreach (float logit in candidates.Logits)
            variance += (logit - mean) * (logit - mean);
        variance /= candidates.Count;

        candidates.KeepFrom((float)(candidates.Logits[candidates.Best()] - (n * Math.Sqrt(variance))));
    }
}
