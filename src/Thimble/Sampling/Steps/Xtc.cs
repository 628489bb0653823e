using System.Runtime.CompilerServices;
using Thimble.Compute;

namespace Thimble.Sampling;

/// <summary>With a certain probability, leaves out every candidate as likely as the threshold except the least likely of those.</summary>
/// <remarks>Source: p-e-w, "Exclude Top Choices (XTC)", text-generation-webui pull request 6335, 2024. One viable candidate always stays, so
/// the text turns unusual but not incoherent; nothing happens where fewer than two reach the threshold.</remarks>
[Technique("XTC", "p-e-w, Exclude Top Choices (XTC), text-generation-webui pull request 6335, 2024")]
internal sealed class Xtc(float probability, float threshold) : ISamplerStep
{
    [ModuleInitializer]
    internal static void Register() => SamplerSteps.Add("xtc", reweighs: false, (options, _) => options.Xtc is { Probability: > 0, Threshold: <= 0.5f } xtc
        ? new Xtc(xtc.Probability, xtc.Threshold)
        : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        if (point.Uniform(DrawPurpose.Xtc) >= probability)
            return;

        ReadOnlySpan<float> logits = candidates.Logits;
        double least = candidates.LogSum() + Exponentials.Log(threshold);   // the logit that has the threshold's probability
        int stays = LastFrom(least, candidates);
        if (stays < 0)
            return;

        Span<int> places = candidates.Places();
        int kept = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (i == stays || logits[i] < least)
                places[kept++] = i;
        }

        candidates.KeepAt(places[..kept]);
    }

    /// <summary>Of the candidates above the threshold the least likely, of equal ones the highest id; −1 if there are none.</summary>
    private static int LastFrom(double least, Candidates candidates)
    {
        ReadOnlySpan<float> logits = candidates.Logits;
        int last = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] < least)
                continue;
            if (last < 0 || logits[i] < logits[last] || (logits[i] == logits[last] && candidates.Id(i) > candidates.Id(last)))
                last = i;
        }

        return last;
    }
}
