using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Keeps the candidates whose surprise <c>−ln p(i)</c> is nearest the entropy, until their probabilities exceed p.</summary>
/// <remarks>Source: Meister et al., "Locally Typical Sampling", 2022, section 4. The likeliest candidate may be left out: it can be too dull.</remarks>
internal sealed class TypicalP(float p) : ISamplerStep
{
    private const int FirstLook = 256;

    [ModuleInitializer]
    internal static void Register() =>
        SamplerSteps.Add("typ_p", reweighs: false, (options, _) => options.TypicalP < 1 ? new TypicalP(options.TypicalP) : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        Span<float> logits = candidates.Logits, scores = candidates.Scores();
        Span<int> places = candidates.Places();
        double logSum = candidates.LogSum(), entropy = 0;
        foreach (float logit in logits)
            entropy += (logSum - logit) * Exponentials.Exp(logit - logSum);
        for (int i = 0; i < logits.Length; i++)
            (scores[i], places[i]) = ((float)-Math.Abs(logSum - logits[i] - entropy), i);

        int kept = Nearest(logits, scores, places, logSum);
        places[..kept].Sort();
        candidates.KeepAt(places[..kept]);
    }

    private int Nearest(ReadOnlySpan<float> logits, Span<float> scores, Span<int> places, double logSum)
    {
        double sum = 0;
        int sorted = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (i == sorted)
            {
                sorted = Math.Min(logits.Length, Math.Max(FirstLook, sorted * 4));
                Selection.Top(scores, places, sorted);
            }

            sum += Exponentials.Exp(logits[places[i]] - logSum);
            if (sum > p)
                return i + 1;
        }

        return logits.Length;
    }
}
