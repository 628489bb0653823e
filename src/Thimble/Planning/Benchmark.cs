using System.Diagnostics;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Library;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Planning;

/// <summary>How fast a model reads a prompt and generates on this machine, and how near that is to what its memory allows.</summary>
/// <remarks>The tests are llama-bench's: random tokens, the scores of a prompt's last token and of each generated one computed, nothing sampled.</remarks>
public static class Benchmark
{
    private const int Chunk = 512, ReadPasses = 4;
    private const long ReadBytes = 256 << 20;

    /// <summary>Measures a model.</summary>
    /// <param name="file">The model; it stays open.</param>
    /// <param name="options">What is measured.</param>
    /// <param name="cancellation">Ends it within one step.</param>
    /// <returns>What was measured.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The model's context does not hold as many tokens.</exception>
    /// <exception cref="NotSupportedException">This build does not run the model, or it scores no tokens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static BenchmarkResult Run(ModelFile file, BenchmarkOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= new();
        int needed = options.Depth + Math.Max(options.PromptTokens, options.GeneratedTokens);
        if (file.FindInt("context_length") is > 0 and int context && needed > context)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"A depth of {options.Depth} and {needed - options.Depth} tokens more need a context of {needed}; that of '{file.Path}' holds {context}.");
        }

        int threads = options.Threads ?? Cores.Best;
        using var bench = new Workbench(file, threads, needed);
        int[] ids = Ids(needed, Math.Min(bench.Vocabulary, bench.Decoder.Embedding.Table.Rows));
        SequenceState deep = bench.CreateSequence();
        Read(bench, deep, ids.AsSpan(0, options.Depth), cancellation);

        List<BenchmarkTest> tests = [];
        if (options.PromptTokens > 0)
        {
            tests.Add(new()
            {
                PromptTokens = options.PromptTokens,
                Depth = options.Depth,
                TokensPerSecond = Repeat(options.PromptTokens, sequence => Read(bench, sequence, ids.AsSpan(options.Depth, options.PromptTokens), cancellation)),
            });
        }

        tests.Add(new()
        {
            GeneratedTokens = options.GeneratedTokens,
            Depth = options.Depth,
            BytesPerToken = bench.Decoder.BytesPerToken + (bench.CacheBytesPerToken * (options.Depth + (options.GeneratedTokens / 2))),
            TokensPerSecond = Repeat(options.GeneratedTokens, sequence => Generate(bench, sequence, ids.AsSpan(options.Depth, options.GeneratedTokens), cancellation)),
        });
        using var memory = new Allocation(Math.Min(ReadBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8));
        return new(ModelSummary.Of(file), threads, Ceilings.Read(bench.Team, memory, ReadPasses), tests);

        double[] Repeat(int tokens, Action<SequenceState> work)
        {
            double[] speeds = new double[options.Repetitions];
            for (int i = -1; i < speeds.Length; i++)   // one before them warms up
            {
                using SequenceState sequence = deep.Fork();
                long start = Stopwatch.GetTimestamp();
                work(sequence);
                if (i >= 0)
                    speeds[i] = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return speeds;
        }
    }

    private static void Read(Workbench bench, SequenceState sequence, ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        for (; tokens.Length > 0; tokens = tokens[Math.Min(Chunk, tokens.Length)..])
        {
            cancellation.ThrowIfCancellationRequested();
            bench.Read(sequence, tokens[..Math.Min(Chunk, tokens.Length)], wanted: tokens.Length <= Chunk ? 1 : 0);
        }
    }

    private static void Generate(Workbench bench, SequenceState sequence, ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            bench.Read(sequence, tokens.Slice(i, 1));
        }
    }

    private static int[] Ids(int count, int vocabulary)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
