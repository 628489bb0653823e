using System.Text.Json;
using Thimble.Compute;
using Thimble.Lab.Evaluate;

namespace Thimble.Lab.Measure;

/// <summary>Runs conversations unattended, each configuration in fresh processes, and says what a user would have waited, how far the machine is from its
/// memory's speed, what slows down over time, and which operations the time goes to.</summary>
/// <remarks>The study drove phones and boards from outside; here the machine at hand is measured, and energy only where it has a meter that may be read.
/// What carries over is the method: whole conversations, a process each, rest before, repeats, a sustained run, a trace inside the engine.</remarks>
[Technique("MELT", "Laskaridis et al., MELTing point: Mobile Evaluation of Language Transformers, 2024, sections 3 and 4")]
public static class Melt
{
    private const double ShortestRun = 20;   // seconds

    /// <summary>Measures each model with each number of threads.</summary>
    /// <param name="options">What is measured.</param>
    /// <param name="process">Runs <see cref="MeltWorker.RunAsync(string, CancellationToken)"/> on a text in a fresh process and gives what it returned.</param>
    /// <param name="progress">Told of each configuration begun.</param>
    /// <param name="cancellationToken">Ends it within one step.</param>
    /// <returns>A run for each configuration, and for llama.cpp where it was named.</returns>
    /// <exception cref="ArgumentException">No model, conversation or repeat is asked for.</exception>
    public static async Task<MeltResult> RunAsync(
        MeltOptions options, Func<string, CancellationToken, Task<string>> process, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(process);
        if (options.Models.Count == 0 || options.Threads.Count == 0 || options.Conversations.Count == 0 || options.Repeats < 1)
            throw new ArgumentException("MELT needs at least one model, one number of threads, one conversation and one repeat.", nameof(options));

        List<MeltRun> runs = [];
        foreach (string model in options.Models)
        {
            foreach (int threads in options.Threads)
            {
                List<MeltRecord> records = [];
                for (int repeat = 0; repeat < options.Repeats; repeat++)
                {
                    progress?.Report($"{Path.GetFileName(model)}, {(threads == 0 ? "all" : threads)} threads, {repeat + 1} of {options.Repeats}");
                    var task = new MeltTask(
                        EvaluationOptions.Path(model), threads == 0 ? null : threads, options.Conversations, options.MaxTokens,
                        repeat == 0 ? options.Sustained.TotalSeconds : 0, repeat == 0 ? options.TracedTokens : 0, options.Rest.TotalSeconds);
                    string said = await process(JsonSerializer.Serialize(task, MeltJson.Default.MeltTask), cancellationToken).ConfigureAwait(false);
                    records.Add(JsonSerializer.Deserialize(said, MeltJson.Default.MeltRecord)!);
                }

                runs.Add(Of(records));
                if (options.LlamaBench is { } program && EvaluationOptions.Path(model) is { } path)
                    runs.Add(await LlamaBench.RunAsync(program, path, runs[^1], cancellationToken).ConfigureAwait(false));
            }
        }

        return new(runs);
    }

    /// <summary>Joins the records of one configuration.</summary>
    internal static MeltRun Of(IReadOnlyList<MeltRecord> records)
    {
        MeltTurn[] turns = [.. records.SelectMany(record => record.Turns)];
        double[] speeds = [.. records.Select(record => Mean(record.Turns))];
        double mean = speeds.Average();
        double variation = speeds.Length < 2 || mean == 0 ? 0 : Math.Sqrt(speeds.Sum(speed => (speed - mean) * (speed - mean)) / (speeds.Length - 1)) / mean;
        MeltRecord first = records[0];
        double own = first.Operations.Sum(operation => operation.Milliseconds);
        double? read = Spread.Of(turns.Where(turn => turn.GeneratedTokens > 1).Select(turn => Speed(turn) * turn.BytesPerToken))?.Median;
        int tokens = turns.Sum(turn => turn.GeneratedTokens);
        return new(
            "Thimble", first.Model, first.Threads, records.Count, Spread.Of(records.Select(record => record.LoadMs)), Spread.Of(turns.Select(turn => turn.FirstTokenMs)),
            Spread.Of(turns.Where(turn => turn.PrefillMs > 0).Select(turn => 1000 * turn.PromptTokens / turn.PrefillMs)),
            Spread.Of(turns.Where(turn => turn.GeneratedTokens > 1 && turn.DecodeMs > 0).Select(Speed)), variation, read,
            Spread.Of(records.Select(record => record.ReadBytesPerSecond))?.Median, records.Max(record => record.PeakBytes), turns.Length, records.Sum(record => record.Cut),
            Decay(first.Sustained), first.Sustained, records.All(record => record.Joules is not null) && tokens > 0 ? records.Sum(record => record.Joules) / tokens : null,
            own > 0 ? first.Operations.Where(operation => operation.Kind == "MatMul").Sum(operation => operation.Milliseconds) / own : null,
            first.TracedMs > 0 ? own / first.TracedMs : null, first.Operations);
    }

    /// <summary>The share of the first speed lost in a minute, from the line that fits the points best; null below three points and twenty seconds, which say
    /// nothing of a minute.</summary>
    internal static double? Decay(IReadOnlyList<SustainedPoint> points)
    {
        if (points.Count < 3 || points[^1].Seconds - points[0].Seconds < ShortestRun)
            return null;
        double meanTime = points.Average(point => point.Seconds), meanSpeed = points.Average(point => point.TokensPerSecond);
        double spread = points.Sum(point => (point.Seconds - meanTime) * (point.Seconds - meanTime));
        if (spread == 0)
            return null;
        double slope = points.Sum(point => (point.Seconds - meanTime) * (point.TokensPerSecond - meanSpeed)) / spread;
        double first = meanSpeed + (slope * (points[0].Seconds - meanTime));
        return first > 0 ? -60 * slope / first : null;
    }

    private static double Speed(MeltTurn turn) => 1000 * (turn.GeneratedTokens - 1) / turn.DecodeMs;

    private static double Mean(IReadOnlyList<MeltTurn> turns)
    {
        double milliseconds = turns.Sum(turn => turn.DecodeMs);
        return milliseconds > 0 ? 1000 * turns.Sum(turn => Math.Max(0, turn.GeneratedTokens - 1)) / milliseconds : 0;
    }
}
