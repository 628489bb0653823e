using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Planning;

/// <summary>Whether a small model drafts tokens that the large one verifies at once.</summary>
internal static class DrafterChoice
{
    private static readonly int[] s_lengths = [2, 4, 8];

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(70, Offers);

    /// <summary>Tokens that a step with so many drafted ones gives on average: <c>(1 − a^(k+1)) / (1 − a)</c>.</summary>
    /// <param name="drafted">k.</param>
    /// <param name="accepted">a, how likely each is accepted.</param>
    public static double TokensPerStep(int drafted, double accepted) =>
        accepted >= 1 ? drafted + 1 : (1 - Math.Pow(accepted, drafted + 1)) / (1 - accepted);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        yield return draft;
        if (situation.Options.Drafter is not { } path)
            yield break;

        using var file = ModelFile.Open(path);
        using var small = new Situation(file, situation.Options);
        Plan plan = draft.Plan with { WeightFormat = small.Own, CacheFormat = "F16" };   // as drafting models keep theirs
        double one = small.Time(plan, RunShape.Decode(plan.Users, Math.Max(0, plan.Context - 1))).Seconds;
        foreach (int length in s_lengths)
        {
            yield return (draft with
            {
                Plan = draft.Plan with { Drafter = (path, length) },
                Verified = length + 1,
                TokensPerStep = TokensPerStep(length, situation.Options.Acceptance),
                ExtraSecondsPerToken = draft.ExtraSecondsPerToken + (length * one),
                ExtraBytes = draft.ExtraBytes + small.WeightBytes(small.Own) + (plan.Users * small.StateBytes(small.Own, "F16", plan.Context)),
            }).Because(FormattableString.Invariant($"{Path.GetFileName(path)} drafts {length} tokens; at {100 * situation.Options.Acceptance:F0} % accepted a step gives {TokensPerStep(length, situation.Options.Acceptance):F2}."));
        }
    }
}
