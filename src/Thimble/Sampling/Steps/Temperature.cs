using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Divides the logits by a temperature, fixed or following the entropy of the candidates.</summary>
/// <param name="temperature">The temperature, or the middle of its range; above 0.</param>
/// <param name="range">How far it may go either way; 0 keeps it fixed.</param>
/// <param name="exponent">Bends the way from entropy to temperature.</param>
internal sealed class Temperature(float temperature, float range, float exponent) : ISamplerStep
{
    /// <summary>The name of this step.</summary>
    public const string Name = "temperature";

    [ModuleInitializer]
    internal static void Register() => SamplerSteps.Add(Name, reweighs: false, (options, _) =>
        new Temperature(options.Temperature, options.DynamicTemperature?.Range ?? 0, options.DynamicTemperature?.Exponent ?? 1));

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        float t = range > 0 ? Dynamic(candidates) : temperature;
        Span<float> logits = candidates.Logits;
        if (!float.IsFinite(logits[candidates.Best()] / t))
        {
            candidates.Top(1);   // so cold that only the best is left
            return;
        }

        // A hopeless candidate may fall to −∞ here; it must stay finite.
        foreach (ref float logit in logits)
            logit = MathF.Max(logit / t, float.MinValue);
    }

    private float Dynamic(Candidates candidates)
    {
        if (candidates.Count == 1)
            return temperature;

        double logSum = candidates.LogSum(), entropy = 0;
        foreach (float logit in candidates.Logits)
            entropy += (logSum - logit) * Exponentials.Exp(logit - logSum);
        double doubt = entropy / Exponentials.Log(candidates.Count);   // 0 certain … 1 no idea
        double low = Math.Max(0, temperature - range), high = temperature + range;
        return (float)(low + ((high - low) * Exponentials.Power(doubt, (double)exponent)));
    }
}
