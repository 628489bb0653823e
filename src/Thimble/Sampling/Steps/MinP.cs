using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Keeps the candidates at least p times as likely as the likeliest: <c>logit ≥ greatest + ln p</c>.</summary>
/// <remarks>Source: Nguyen et al., "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs", 2024, section 3.</remarks>
internal sealed class MinP(float p) : ISamplerStep
{
    private readonly double _distance = Exponentials.Log(p);

    [ModuleInitializer]
    internal static void Register() =>
        SamplerSteps.Add("min_p", reweighs: false, (options, _) => options.MinP > 0 ? new MinP(options.MinP) : null);

    public void Apply(Candidates candidates, in SamplingPoint point) =>
        candidates.KeepFrom((float)(candidates.Logits[candidates.Best()] + _distance));
}
