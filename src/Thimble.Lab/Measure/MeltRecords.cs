using System.Text.Json.Serialization;
using Thimble.Lab.Evaluate;

namespace Thimble.Lab.Measure;

/// <summary>What one process is to do.</summary>
/// <param name="Model">The model; null for the one inside the library.</param>
/// <param name="Threads">Threads; null for one on each physical core.</param>
/// <param name="Conversations">What users say.</param>
/// <param name="MaxTokens">The longest reply.</param>
/// <param name="SustainedSeconds">How long replies are asked for without a pause.</param>
/// <param name="TracedTokens">Tokens whose operations are timed.</param>
/// <param name="RestSeconds">How long it waits before it begins.</param>
internal sealed record MeltTask(
    string? Model, int? Threads, IReadOnlyList<IReadOnlyList<string>> Conversations, int MaxTokens, double SustainedSeconds, int TracedTokens, double RestSeconds);

/// <summary>What one process saw.</summary>
/// <param name="Model">The model.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="LoadMs">Opening the model.</param>
/// <param name="PeakBytes">The most memory the process held.</param>
/// <param name="ReadBytesPerSecond">Bytes a second that these threads read from memory.</param>
/// <param name="Turns">Each reply.</param>
/// <param name="Cut">Turns left out because the conversation no longer fitted the context.</param>
/// <param name="Sustained">Speed over time.</param>
/// <param name="Operations">Operations of the traced tokens, summed by kind and name.</param>
/// <param name="TracedMs">Wall time of the traced tokens.</param>
/// <param name="Joules">Energy of the replies above idle; null without a meter.</param>
internal sealed record MeltRecord(
    EvaluatedModel Model, int Threads, double LoadMs, long PeakBytes, double ReadBytesPerSecond, IReadOnlyList<MeltTurn> Turns, int Cut,
    IReadOnlyList<SustainedPoint> Sustained, IReadOnlyList<OperationTotal> Operations, double TracedMs, double? Joules);

/// <summary>One reply.</summary>
/// <param name="Conversation">Which conversation.</param>
/// <param name="Turn">Which of its turns.</param>
/// <param name="PromptTokens">Tokens of the prompt that were computed.</param>
/// <param name="GeneratedTokens">Tokens generated.</param>
/// <param name="FirstTokenMs">To the first token.</param>
/// <param name="PrefillMs">Computing the prompt.</param>
/// <param name="DecodeMs">Computing the tokens after the first.</param>
/// <param name="BytesPerToken">Bytes that the last token read.</param>
public sealed record MeltTurn(int Conversation, int Turn, int PromptTokens, int GeneratedTokens, double FirstTokenMs, double PrefillMs, double DecodeMs, long BytesPerToken);

/// <summary>Speed at a time of the sustained run.</summary>
/// <param name="Seconds">Since its beginning.</param>
/// <param name="TokensPerSecond">Tokens decoded a second in the reply that ended then.</param>
public sealed record SustainedPoint(double Seconds, double TokensPerSecond);

/// <summary>Operations summed.</summary>
/// <param name="Kind">What they compute.</param>
/// <param name="Name">The tensors or layer.</param>
/// <param name="Rows">Rows of the last.</param>
/// <param name="Inputs">Features in.</param>
/// <param name="Outputs">Features out.</param>
/// <param name="Count">How many.</param>
/// <param name="Milliseconds">Their own time.</param>
/// <param name="Bytes">Bytes of weights they read.</param>
public sealed record OperationTotal(string Kind, string Name, int Rows, int Inputs, int Outputs, int Count, double Milliseconds, long Bytes);

/// <summary>What MELT found.</summary>
/// <param name="Runs">Each configuration.</param>
public sealed record MeltResult(IReadOnlyList<MeltRun> Runs)
{
    /// <summary>As JSON, with names in snake case.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, MeltJson.Default.MeltResult);
}

/// <summary>One configuration: model, format, threads, engine.</summary>
/// <param name="Engine"><c>Thimble</c> or <c>llama.cpp</c>.</param>
/// <param name="Model">The model.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="Repeats">Processes.</param>
/// <param name="LoadMs">Opening the model.</param>
/// <param name="FirstTokenMs">To the first token.</param>
/// <param name="Prefill">Prompt tokens a second.</param>
/// <param name="Decode">Tokens generated a second.</param>
/// <param name="RerunVariation">Standard deviation of the processes' decode speeds over their mean.</param>
/// <param name="DecodeBytesPerSecond">Bytes of weights, keys and values read a second while decoding, at the median.</param>
/// <param name="ReadBytesPerSecond">What the same threads read from memory at best.</param>
/// <param name="PeakBytes">The most memory a process held.</param>
/// <param name="Replies">Replies measured.</param>
/// <param name="Cut">Turns left out because they did not fit the context.</param>
/// <param name="DecayPerMinute">How much of its first speed the sustained run loses in a minute; null without one.</param>
/// <param name="Sustained">Speed over time, of the first process.</param>
/// <param name="JoulesPerToken">Energy; null without a meter.</param>
/// <param name="MatMulShare">The share of matrix products in the traced tokens' time; null without a trace.</param>
/// <param name="TracedShare">The share of the traced tokens' wall time that operations account for.</param>
/// <param name="Operations">Operations of the first process, by kind and name.</param>
public sealed record MeltRun(
    string Engine, EvaluatedModel Model, int Threads, int Repeats, Spread? LoadMs, Spread? FirstTokenMs, Spread? Prefill, Spread? Decode, double RerunVariation,
    double? DecodeBytesPerSecond, double? ReadBytesPerSecond, long? PeakBytes, int Replies, int Cut, double? DecayPerMinute, IReadOnlyList<SustainedPoint> Sustained,
    double? JoulesPerToken, double? MatMulShare, double? TracedShare, IReadOnlyList<OperationTotal> Operations);

/// <summary>A median with the interval in which it lies with 95 % confidence.</summary>
/// <param name="Median">The median.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Count">Values behind it.</param>
public sealed record Spread(double Median, double Low, double High, int Count)
{
    internal static Spread? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        if (sorted.Length == 0)
            return null;
        var interval = Interval.Bootstrap(sorted.Length, drawn => Middle([.. drawn.Select(i => sorted[i]).Order()]), seed: 1);
        return new(Middle(sorted), interval.Low, interval.High, sorted.Length);
    }

    private static double Middle(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>How tasks, records and results are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(MeltTask))]
[JsonSerializable(typeof(MeltRecord))]
[JsonSerializable(typeof(MeltResult))]
[JsonSerializable(typeof(string[][]))]
internal sealed partial class MeltJson : JsonSerializerContext;
