using System.Runtime.CompilerServices;

namespace Thimble.Sampling;

/// <summary>Makes tokens seen lately less likely: by a factor, by a sum for each time, and by a sum for having been seen at all.</summary>
/// <remarks>Source: Keskar et al., "CTRL", 2019, section 4.1 for the factor (negative logits are multiplied by it: divided, they would grow);
/// the OpenAI API reference for frequency and presence.</remarks>
internal sealed class Penalties(int window, float repetition, float frequency, float presence) : ISamplerStep
{
    private readonly Dictionary<int, int> _counts = new(Math.Min(window, 1024));

    [ModuleInitializer]
    internal static void Register() => SamplerSteps.Add("penalties", reweighs: true, (options, _) =>
        options.PenaltyWindow > 0 && (options.RepetitionPenalty, options.FrequencyPenalty, options.PresencePenalty) != (1, 0, 0)
            ? new Penalties(options.PenaltyWindow, options.RepetitionPenalty, options.FrequencyPenalty, options.PresencePenalty)
            : null);

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        _counts.Clear();
        foreach (int token in point.Latest(window))
            _counts[token] = _counts.GetValueOrDefault(token) + 1;

        Span<float> logits = candidates.Logits;
        foreach ((int token, int count) in _counts)
        {
            int at = candidates.IndexOf(token);
            if (at < 0)
                continue;

            double logit = logits[at];
            logit = logit <= 0 ? logit * repetition : logit / repetition;
            logit -= ((double)count * frequency) + presence;
            logits[at] = (float)Math.Clamp(logit, float.MinValue, float.MaxValue);
        }

        candidates.Reweighed();
    }
}
