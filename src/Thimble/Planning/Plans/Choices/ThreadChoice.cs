using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>Threads that compute: more share the arithmetic, and meet more often.</summary>
internal static class ThreadChoice
{
    [ModuleInitializer]
    internal static void Register() => PlanChoices.Add(40, Offers);

    private static IEnumerable<Draft> Offers(Draft draft, Situation situation)
    {
        int most = situation.MostThreads;
        int[] counts = situation.Options.Threads is { } asked ? [asked] : situation.Machine is null ? [most] : [.. new[] { 1, most / 2, most }.Where(count => count > 0).Distinct()];
        foreach (int count in counts)
        {
            yield return (draft with { Plan = draft.Plan with { Threads = count } })
                .Because(counts.Length == 1 ? $"{count} threads, as {(situation.Options.Threads is null ? "the device has" : "asked")}." : $"{count} of {most} threads are predicted to be fastest.");
        }
    }
}
