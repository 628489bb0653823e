using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>Prompt tokens of one step: more is faster and takes more memory, less lets others take turns sooner.</summary>
internal static class PrefillChoice
{
    private static readonly int[] s_chunks = [512, 128, 32];

    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(50, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        // Beside others, a chunk holds up their next token.
        foreach (int chunk in s_chunks)
        {
            double held = draft.Plan.Users > 1 && situation.Options.PerToken is { } each
                ? situation.Time(draft.Plan, new(1, chunk, 0)).Seconds / each.TotalSeconds
                : 0;
            if (held > 1 && chunk > s_chunks[^1])
                continue;
            yield return (draft with { Plan = draft.Plan with { PrefillChunk = chunk } }).Because(chunk == s_chunks[0]
                ? "Prompts are read by 512 tokens, which keeps the multipliers busy."
                : $"Prompts are read by {chunk} tokens, so that their activations fit and others wait less.");
        }
    }
}
