using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Keeps the nucleus: the fewest likeliest candidates whose probabilities sum to p.</summary>
/// <remarks>Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020, section 3.1. The candidate that reaches p is kept.</remarks>
internal sealed class TopP(float p) : ISamplerStep
{
    private const int FirstLook = 256;

    [ModuleInitializer]
    internal static void Register() =>
        SamplerSteps.Add("top_p", reweighs: false, (options, _) => options.TopP < 1 ? new TopP(options.TopP) : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        double logSum = candidates.LogSum(), sum = 0;
        int sorted = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            if (i == sorted)
            {
                // A nucleus is nearly always small: sort a few, and more only if they do not reach p.
                sorted = Math.Min(candidates.Count, Math.Max(FirstLook, sorted * 4));
                candidates.BringToFront(sorted);
            }

            sum += Exponentials.Exp(candidates.Logits[i] - logSum);
            if (sum >= p)
            {
                candidates.Top(i + 1);
                return;
            }
        }
    }
}
