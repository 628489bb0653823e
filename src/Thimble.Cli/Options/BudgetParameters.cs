using Thimble.Planning;

namespace Thimble.Cli.Options;

/// <summary>What a model may take: threads, cache and chunks are then chosen to keep it.</summary>
internal static class BudgetParameters
{
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("memory", ["--memory"], "SIZE", "Memory for everything, such as 2GB; the rest of how the model is opened is planned to fit.",
            (s, v) => Budgeted(s, o => o with { MemoryBytes = Amounts.Bytes(v[^1]) })) { AtOpening = true },
        new("ttft", ["--ttft"], "TIME", "The longest until the first token, such as 500ms.",
            (s, v) => Budgeted(s, o => o with { FirstToken = Amounts.Time(v[^1]) })) { AtOpening = true },
        new("tpot", ["--tpot"], "TIME", "The longest for each further token, such as 40ms.",
            (s, v) => Budgeted(s, o => o with { PerToken = Amounts.Time(v[^1]) })) { AtOpening = true },
    ];

    private static RunSettings Budgeted(RunSettings settings, Func<PlanOptions, PlanOptions> change) =>
        settings with { Budget = change(settings.Budget ?? new() { Formats = [] }) };
}
