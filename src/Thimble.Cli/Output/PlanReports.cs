using System.Text.Json.Serialization;
using Thimble.Planning;

namespace Thimble.Cli.Output;

/// <summary>The outcome of <c>plan --json</c>.</summary>
internal sealed record PlanReport(string Model, string Machine, int Tried, PlannedReport? Plan, PlannedReport? RunnerUp, PlannedReport? Nearest, IReadOnlyList<ShortfallReport> Shortfalls, string? Remedy)
{
    /// <summary>Reports what planning found.</summary>
    public static PlanReport Of(PlanningResult result) => new(
        result.Model, result.Machine, result.Tried, PlannedReport.Of(result.Best), PlannedReport.Of(result.RunnerUp), PlannedReport.Of(result.Nearest),
        [.. result.Shortfalls.Select(shortfall => new ShortfallReport(shortfall.Constraint, shortfall.Asked, shortfall.Nearest, shortfall.Best))],
        result.Remedy.Length > 0 ? result.Remedy : null);
}

/// <summary>A plan of it, in bytes and milliseconds.</summary>
internal sealed record PlannedReport(
    string WeightFormat, bool Quantises, string CacheFormat, int Context, int Users, int Threads, int PrefillChunk, string Residency, double FromDisk,
    string? Drafter, int? Drafted, long MemoryBytes, long WeightBytes, long CacheBytes, double FirstTokenMs, double PerTokenMs, double TokensPerSecond, string Bound,
    IReadOnlyList<string> Reasons)
{
    /// <summary>Reports a plan, or nothing.</summary>
    public static PlannedReport? Of(Plan? plan) => plan is null ? null : new(
        plan.WeightFormat, plan.Quantises, plan.CacheFormat, plan.Context, plan.Users, plan.Threads, plan.PrefillChunk, plan.Residency, plan.FromDisk,
        plan.Drafter?.Model, plan.Drafter?.Tokens, (long)plan.MemoryBytes, (long)plan.WeightBytes, (long)plan.CacheBytes,
        Math.Round(plan.FirstToken.TotalMilliseconds, 3), Math.Round(plan.PerToken.TotalMilliseconds, 3), Math.Round(plan.TokensPerSecond, 3), plan.Bound, plan.Reasons);
}

/// <summary>A constraint that no plan keeps, in bytes or seconds.</summary>
internal sealed record ShortfallReport(string Constraint, double Asked, double Nearest, double Best);

/// <summary>How they are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext;
