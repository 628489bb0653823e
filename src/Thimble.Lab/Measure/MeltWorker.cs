using System.Diagnostics;
using System.Text.Json;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Evaluate;
using Thimble.Models.Blocks;
using Thimble.Models.Chat;
using Thimble.Models.States;

namespace Thimble.Lab.Measure;

/// <summary>One process of MELT: opens a model, answers conversations, goes on without a pause, and times operations.</summary>
public static class MeltWorker
{
    private const int ReadPasses = 4, Warmup = 4;
    private const long ReadBytes = 256 << 20;

    /// <summary>Does what a task says. Meant for a process of its own.</summary>
    /// <param name="task">The task, as <see cref="Melt.RunAsync"/> writes it.</param>
    /// <param name="cancellationToken">Ends it within one step.</param>
    /// <returns>The record, as <see cref="Melt.RunAsync"/> reads it.</returns>
    /// <exception cref="ArgumentException">The task is none.</exception>
    public static async Task<string> RunAsync(string task, CancellationToken cancellationToken = default)
    {
        MeltTask read = JsonSerializer.Deserialize(task, MeltJson.Default.MeltTask) ?? throw new ArgumentException("The task is empty.", nameof(task));
        return JsonSerializer.Serialize(await RunAsync(read, cancellationToken).ConfigureAwait(false), MeltJson.Default.MeltRecord);
    }

    private static async Task<MeltRecord> RunAsync(MeltTask task, CancellationToken cancellation)
    {
        var meter = EnergyMeter.Find();
        double idle = await IdleAsync(meter, task.RestSeconds, cancellation).ConfigureAwait(false);
        ModelOptions opening = new() { Threads = task.Threads };
        using var model = task.Model is null ? Model.OpenDefault(opening) : Model.Open(task.Model, opening);
        List<MeltTurn> turns = [];
        double before = meter?.Read() ?? 0;
        long start = Stopwatch.GetTimestamp();
        int cut = 0;
        for (int i = 0; i < task.Conversations.Count; i++)
            cut += await TalkAsync(model, task, i, turns, cancellation).ConfigureAwait(false);
        double? joules = meter is null ? null : meter.Read() - before - (idle * Stopwatch.GetElapsedTime(start).TotalSeconds);

        IReadOnlyList<SustainedPoint> sustained = await SustainAsync(model, task, cancellation).ConfigureAwait(false);
        (IReadOnlyList<OperationTotal> operations, double traced) = Trace(task);
        using var process = Process.GetCurrentProcess();
        return new(
            EvaluatedModel.Of(model.File), task.Threads ?? Cores.Best, model.LoadTime.TotalMilliseconds, process.PeakWorkingSet64, ReadSpeed(task), turns, cut,
            sustained, operations, traced, joules);
    }

    /// <summary>Watts of the machine at rest.</summary>
    private static async Task<double> IdleAsync(EnergyMeter? meter, double seconds, CancellationToken cancellation)
    {
        double before = meter?.Read() ?? 0;
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation).ConfigureAwait(false);
        return meter is null || seconds == 0 ? 0 : (meter.Read() - before) / seconds;
    }

    /// <summary>Answers a conversation.</summary>
    /// <returns>Turns left out.</returns>
    private static async Task<int> TalkAsync(Model model, MeltTask task, int conversation, List<MeltTurn> turns, CancellationToken cancellation)
    {
        List<ChatTurn> said = [];
        using Session session = model.CreateSession();
        IReadOnlyList<string> asked = task.Conversations[conversation];
        for (int turn = 0; turn < asked.Count; turn++)
        {
            said.Add(new("user", asked[turn]));
            int[] tokens = Tokens(model, said);
            if (tokens.Length + 2 > model.ContextLength)
                return asked.Count - turn;

            Generation generation = session.Continue(tokens, Usual(task.MaxTokens), cancellation);
            string reply = await generation.TextAsync(cancellation).ConfigureAwait(false);
            said.Add(new("assistant", reply));
            turns.Add(Of(generation.Timings, conversation, turn));
        }

        return 0;
    }

    private static async Task<IReadOnlyList<SustainedPoint>> SustainAsync(Model model, MeltTask task, CancellationToken cancellation)
    {
        List<SustainedPoint> points = [];
        long start = Stopwatch.GetTimestamp();
        string[] prompts = [.. task.Conversations.SelectMany(conversation => conversation)];
        for (int i = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < task.SustainedSeconds; i++)
        {
            int[] tokens = Tokens(model, [new("user", prompts[i % prompts.Length])]);
            if (tokens.Length + 2 > model.ContextLength)
            {
                if (i >= prompts.Length && points.Count == 0)
                    break;   // not one of them fits
                continue;
            }

            using Session session = model.CreateSession();
            Generation generation = session.Continue(tokens, Usual(task.MaxTokens), cancellation);
            await generation.TextAsync(cancellation).ConfigureAwait(false);
            if (generation.Timings.DecodeTokensPerSecond is > 0 and var speed)
                points.Add(new(Stopwatch.GetElapsedTime(start).TotalSeconds, speed));
        }

        return points;
    }

    /// <summary>Times the operations of tokens decoded one by one behind a short prompt.</summary>
    private static (IReadOnlyList<OperationTotal> Operations, double Milliseconds) Trace(MeltTask task)
    {
        if (task.TracedTokens == 0)
            return ([], 0);
        using var scorer = new Scorer(task.Model, new() { Threads = task.Threads });
        using SequenceState state = scorer.CreateSequence();
        int[] tokens = scorer.Tokenizer.Encode(task.Conversations[0][0]);
        var trace = new OperationTrace(TimeProvider.System);
        scorer.Read([new Passage(state, tokens.AsMemory(0, Math.Min(tokens.Length, Math.Max(1, scorer.Context / 2))), 1)], (_, _, _, _) => { });
        double milliseconds = 0;
        int next = tokens[^1], count = Math.Min(task.TracedTokens, scorer.Context - state.Length - Warmup);
        for (int i = -Warmup; i < count; i++)
        {
            scorer.Trace = i < 0 ? null : trace;
            long start = Stopwatch.GetTimestamp();
            scorer.Read([new Passage(state, new[] { next }, 1)], (_, _, logits, _) => next = Greatest(logits));
            milliseconds += i < 0 ? 0 : Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return (Sum(trace.Operations), milliseconds);
    }

    internal static IReadOnlyList<OperationTotal> Sum(IReadOnlyList<TimedOperation> operations) =>
    [
        .. operations.GroupBy(operation => (operation.Kind, operation.Name)).Select(group => new OperationTotal(
            group.Key.Kind, group.Key.Name, group.Last().Rows, group.Last().Inputs, group.Last().Outputs, group.Count(),
            group.Sum(operation => operation.Time.TotalMilliseconds), group.Sum(operation => operation.Bytes))),
    ];

    private static int Greatest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            best = logits[i] > logits[best] ? i : best;
        return best;
    }

    private static double ReadSpeed(MeltTask task)
    {
        using var team = new Team(task.Threads ?? Cores.Best, pinned: true);
        using var memory = new Allocation(Math.Min(ReadBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8));
        return Ceilings.Read(team, memory, ReadPasses);
    }

    // The study's own settings.
    private static GenerationOptions Usual(int tokens) =>
        new() { MaxTokens = tokens, Sampling = new() { Temperature = 0.7f, TopK = 40, TopP = 0.95f, Seed = 1 } };

    private static int[] Tokens(Model model, IReadOnlyList<ChatTurn> turns) => Writer.Prompt(model, turns, chat: true);

    private static MeltTurn Of(GenerationTimings timings, int conversation, int turn) => new(
        conversation, turn, timings.PromptTokens - timings.CachedTokens, timings.GeneratedTokens, timings.FirstToken.TotalMilliseconds,
        timings.Prefill.TotalMilliseconds, timings.Decode.TotalMilliseconds, timings.BytesPerToken);
}
