using System.Text.Json.Serialization;
using Thimble.Library;

namespace Thimble.Lab.Evaluate;

/// <summary>What an evaluation found, with all that is needed to repeat it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Reference">The reference; null for none.</param>
/// <param name="Seed">What random draws began with.</param>
/// <param name="Limit">The most questions asked of a suite; null for all.</param>
/// <param name="Version">The version of Thimble.</param>
/// <param name="Suites">Each suite's result, in the order asked for.</param>
public sealed record EvaluationResult(EvaluatedModel Model, EvaluatedModel? Reference, int Seed, int? Limit, string Version, IReadOnlyList<SuiteResult> Suites)
{
    /// <summary>As JSON, with names in snake case.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationResult);
}

/// <summary>A model that was evaluated.</summary>
/// <param name="Name">Its file's name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Format">The format of most weights.</param>
/// <param name="BitsPerWeight">Bits per weight.</param>
/// <param name="Parameters">Weights.</param>
/// <param name="Bytes">Bytes of weights.</param>
public sealed record EvaluatedModel(string Name, string? Architecture, string Format, double BitsPerWeight, long Parameters, long Bytes)
{
    internal static EvaluatedModel Of(Models.Files.ModelFile file)
    {
        var summary = ModelSummary.Of(file);
        return new(Path.GetFileName(file.Path), summary.Architecture, summary.Format, Math.Round(summary.BitsPerWeight, 3), summary.Parameters, summary.Bytes);
    }
}

/// <summary>The result of one suite.</summary>
/// <param name="Name">The suite.</param>
/// <param name="Method">How its numbers come about.</param>
/// <param name="Questions">Questions asked, or 0 for a text.</param>
/// <param name="Metrics">What was measured, the main one first.</param>
/// <param name="Baselines">What answers without a model come to on the main metric, on the same questions.</param>
/// <param name="Groups">The main metric by group, where there are groups.</param>
/// <param name="Kept">How much of the reference's main metric is kept; null without a reference.</param>
/// <param name="Unanswered">Questions asked that have no answer; they are left out of the metrics.</param>
/// <param name="Broken">Rows of the data that could not be used.</param>
/// <param name="Files">Files that were read.</param>
/// <param name="Seconds">How long answering took.</param>
public sealed record SuiteResult(
    string Name, string Method, int Questions, IReadOnlyList<Metric> Metrics, IReadOnlyList<Baseline> Baselines, IReadOnlyList<GroupResult> Groups,
    Retention? Kept, IReadOnlyList<Unanswered> Unanswered, IReadOnlyList<BrokenRow> Broken, IReadOnlyList<CorpusFile> Files, double Seconds);

/// <summary>A figure with the interval in which it lies with 95 % confidence.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Count">Questions or tokens behind it.</param>
/// <param name="Interval">How the interval was found: Wilson, bootstrap, normal, or none.</param>
public sealed record Metric(string Name, double Value, double Low, double High, int Count, string Interval);

/// <summary>What an answer that needs no model comes to.</summary>
/// <param name="Name">How it answers.</param>
/// <param name="Value">Its value on the main metric.</param>
public sealed record Baseline(string Name, double Value);

/// <summary>The main metric of a part of a suite.</summary>
/// <param name="Name">The part: a subject, a task.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Baselines">What answers without a model come to there.</param>
/// <param name="Kept">How much of the reference's is kept; null without a reference.</param>
public sealed record GroupResult(string Name, Metric Metric, IReadOnlyList<Baseline> Baselines, Retention? Kept);

/// <summary>How much of a reference's score a model keeps, on questions both answered.</summary>
/// <param name="Reference">The reference's score.</param>
/// <param name="Share">The model's score over it; null where the reference scores nothing.</param>
/// <param name="Low">Lower end of the share's 95 % interval, by resampling pairs.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Pairs">Questions that both answered.</param>
public sealed record Retention(double Reference, double? Share, double? Low, double? High, int Pairs);

/// <summary>A question without an answer.</summary>
/// <param name="Id">The question.</param>
/// <param name="Reason">Why.</param>
public sealed record Unanswered(string Id, string Reason);

/// <summary>How results and answers are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
