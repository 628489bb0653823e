using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Thimble.Planning;

namespace Thimble.Cli.Output;

/// <summary>The outcome of <c>run --json</c>.</summary>
internal sealed record RunReport(string Model, string Prompt, string Text, string FinishReason, ulong Seed, TimingReport Timings, DraftReport? Drafts)
{
    /// <summary>Reports a generation that has ended.</summary>
    public static RunReport Of(string model, string prompt, string text, Generation generation)
    {
        string reason = generation.FinishReason switch
        {
            Thimble.FinishReason.MaxTokens or Thimble.FinishReason.ContextFull => "length",
            Thimble.FinishReason.Cancelled => "cancelled",
            Thimble.FinishReason.Deadline => "deadline",
            _ => "stop",
        };
        return new(model, prompt, text, reason, generation.Seed, TimingReport.Of(generation.Timings), DraftReport.Of(generation.Drafts));
    }
}

/// <summary>Timings, in milliseconds and tokens.</summary>
internal sealed record TimingReport(
    double LoadMs, double FirstTokenMs, double PrefillMs, double DecodeMs,
    int PromptTokens, int CachedTokens, int GeneratedTokens,
    double PrefillTokensPerSecond, double DecodeTokensPerSecond, long BytesPerToken)
{
    /// <summary>Reports timings.</summary>
    public static TimingReport Of(GenerationTimings timings) => new(
        Round(timings.Load.TotalMilliseconds), Round(timings.FirstToken.TotalMilliseconds),
        Round(timings.Prefill.TotalMilliseconds), Round(timings.Decode.TotalMilliseconds),
        timings.PromptTokens, timings.CachedTokens, timings.GeneratedTokens,
        Round(timings.PrefillTokensPerSecond), Round(timings.DecodeTokensPerSecond), timings.BytesPerToken);

    private static double Round(double value) => Math.Round(value, 3);
}

/// <summary>A model of <c>list --json</c>.</summary>
internal sealed record ListedModel(
    string Name, string? Path, long Size, string? Format, long? Parameters, string? Architecture, DateTimeOffset? Modified, string? Error);

/// <summary>A tensor of <c>show --json</c>.</summary>
internal sealed record TensorReport(string Name, string Format, IReadOnlyList<long> Shape, long Bytes);

/// <summary>The outcome of <c>show --json</c>.</summary>
internal sealed record ShowReport(
    string Path, string? Architecture, bool Runnable, long Parameters, string Format, double BitsPerWeight, long Bytes,
    long? ContextLength, long? CacheBytesPerToken, string? ChatTemplate, JsonObject Metadata, IReadOnlyList<TensorReport> Tensors);

/// <summary>A token of <c>tokenize --json</c>.</summary>
internal sealed record TokenReport(int Id, string Text);

/// <summary>The outcome of <c>bench --json</c>.</summary>
internal sealed record BenchReport(
    string? Architecture, string Format, long Parameters, long Size, int Threads, double ReadBytesPerSecond, IReadOnlyList<BenchTestReport> Tests)
{
    /// <summary>Reports measurements.</summary>
    public static BenchReport Of(BenchmarkResult result) => new(
        result.Model.Architecture, result.Model.Format, result.Model.Parameters, result.Model.Bytes, result.Threads, Math.Round(result.ReadBytesPerSecond),
        [.. result.Tests.Select(test => BenchTestReport.Of(test, result.ReadBytesPerSecond))]);
}

/// <summary>A test of it, in tokens and tokens a second.</summary>
internal sealed record BenchTestReport(
    string Test, int PromptTokens, int GeneratedTokens, int Depth, double Mean, double Deviation, IReadOnlyList<double> Samples,
    long? BytesPerToken, double? ShareOfReadSpeed)
{
    /// <summary>Reports a test.</summary>
    public static BenchTestReport Of(BenchmarkTest test, double readBytesPerSecond) => new(
        test.Name, test.PromptTokens, test.GeneratedTokens, test.Depth, Round(test.Mean), Round(test.Deviation), [.. test.TokensPerSecond.Select(Round)],
        test.BytesPerToken > 0 ? test.BytesPerToken : null, test.ShareOf(readBytesPerSecond) is { } share ? Round(share) : null);

    private static double Round(double value) => Math.Round(value, 3);
}

/// <summary>A conversation as <c>/save</c> writes it.</summary>
internal sealed record SavedConversation(string Model, string? System, IReadOnlyList<SavedTurn> Messages);

/// <summary>A turn of it.</summary>
internal sealed record SavedTurn(string Role, string Content);

/// <summary>How all of them are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(List<ListedModel>))]
[JsonSerializable(typeof(ShowReport))]
[JsonSerializable(typeof(List<TokenReport>))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(SpeculativeReport))]
[JsonSerializable(typeof(SavedConversation))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ReportJson : JsonSerializerContext;
