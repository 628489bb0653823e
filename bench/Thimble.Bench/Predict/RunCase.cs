using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Planning;

namespace Thimble.Bench;

/// <summary>One run that is predicted and measured: a made-up model of a known shape, whose weights are zeros in memory of their own.</summary>
/// <param name="Model">The shape.</param>
/// <param name="Format">The weights' format.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Batch">Sequences.</param>
/// <param name="Length">Tokens of the prompt, or those that a step looks back on.</param>
/// <param name="Decodes">Whether it generates, or reads a prompt.</param>
internal sealed record RunCase(string Model, string Format, int Threads, int Batch, int Length, bool Decodes)
{
    private const double LeastSeconds = 0.4;

    private static readonly Dictionary<string, (int Width, int Layers, int Heads, int KeyHeads, int Wide, int Vocabulary)> s_shapes = new()
    {
        ["llama-15m"] = (288, 6, 6, 6, 768, 32000),
        ["llama-110m"] = (768, 12, 12, 12, 2048, 32000),
        ["smollm2-135m"] = (576, 30, 9, 3, 1536, 49152),
        ["qwen2.5-0.5b"] = (896, 24, 14, 2, 4864, 151936),
        ["llama-3.2-1b"] = (2048, 16, 32, 8, 8192, 128256),
    };

    /// <summary>Its name.</summary>
    public string Name => $"{Model} {Format} {(Decodes ? "decode" : "prefill")} x{Batch} @{Length} t{Threads}";

    /// <summary>Tokens of one run.</summary>
    public int Tokens => Decodes ? Batch : Batch * Length;

    /// <summary>The cases.</summary>
    /// <param name="whole">Whether all of them, or a few that take minutes.</param>
    public static IEnumerable<RunCase> Grid(bool whole)
    {
        string[] models = whole ? [.. s_shapes.Keys] : ["llama-15m", "llama-110m", "smollm2-135m"], formats = whole ? ["F16", "Q8_0", "Q4_0", "Q4_K"] : ["Q8_0", "Q4_0"];
        int[] lengths = whole ? [64, 512, 2048] : [64, 512], batches = whole ? [1, 4, 16] : [1, 4], threads = whole ? [1, 2] : [2];
        foreach (string model in models)
        {
            foreach (string format in formats)
            {
                foreach (int count in threads)
                {
                    foreach (int length in lengths)
                    {
                        yield return new(model, format, count, 1, length, false);
                        foreach (int batch in batches)
                            yield return new(model, format, count, batch, length, true);
                    }
                }
            }
        }
    }

    /// <summary>Measures those that the log lacks.</summary>
    public static void Measure(IEnumerable<RunCase> cases, RunLog log, int cores)
    {
        foreach (IGrouping<(string, string), RunCase> group in cases.Where(run => run.Threads <= cores && !log.Has(run.Name)).GroupBy(run => (run.Model, run.Format)))
        {
            using ModelFile file = group.First().File();
            using var bench = new Workbench(file, group.Max(run => run.Threads), 4096);
            foreach (RunCase run in group)
            {
                bench.Threads = run.Threads;
                log.Add(run.Name, run.Seconds(bench));
                Console.Error.WriteLine($"{run.Name}: {run.Tokens / log.Seconds(run.Name):F1} t/s");
            }
        }
    }

    /// <summary>What the measured ones asked for.</summary>
    public static IEnumerable<(RunCase Case, TimedRun Run)> Timed(IEnumerable<RunCase> cases, RunLog log, int cores)
    {
        foreach (IGrouping<(string, string), RunCase> group in cases.Where(run => run.Threads <= cores && log.Has(run.Name)).GroupBy(run => (run.Model, run.Format)))
        {
            using ModelFile file = group.First().File();
            Decoder decoder = Architectures.Build(new Blueprint(file, new Opening(Precision.Bytes)));
            foreach (RunCase run in group)
            {
                RunShape shape = run.Decodes ? RunShape.Decode(run.Batch, run.Length) : RunShape.Prefill(1, run.Length);
                yield return (run, new(decoder.Describe(shape, CellFormat.Named("F16")), run.Threads, log.Seconds(run.Name)));
            }
        }
    }

    /// <summary>The median of several runs.</summary>
    private double Seconds(Workbench bench)
    {
        List<double> seconds = [];
        long begun = Stopwatch.GetTimestamp();
        while (seconds.Count < 5 || (seconds.Count < 60 && Stopwatch.GetElapsedTime(begun).TotalSeconds < LeastSeconds))
        {
            SequenceState[] sequences = [.. Enumerable.Range(0, Batch).Select(_ => Filled(bench, Decodes ? Length : 0))];
            int[] tokens = [.. Enumerable.Range(1, Decodes ? Batch : Length)];
            int steps = Decodes ? 8 : 1;
            for (int step = -1; step < steps; step++)
            {
                if (step < 0 && !Decodes)
                    continue;   // the first step warms the caches; a prompt does so by itself
                long start = Stopwatch.GetTimestamp();
                if (Decodes)
                    bench.Step(sequences, tokens);
                else
                    bench.Read(sequences[0], tokens);
                if (step >= 0)
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            foreach (SequenceState sequence in sequences)
                sequence.Dispose();
        }

        seconds.Sort();
        return seconds[seconds.Count / 2];
    }

    /// <summary>A sequence that has tokens, without computing them.</summary>
    private static SequenceState Filled(Workbench bench, int tokens)
    {
        SequenceState state = bench.CreateSequence();
        state.Reserve(tokens);
        foreach (Mixer mixer in bench.Decoder.Mixers)
        {
            if (mixer.State.Keys is not { } keys)
                continue;
            float[] key = new float[keys.Heads * keys.KeySize], value = new float[keys.Heads * keys.ValueSize];
            for (int i = 0; i < tokens; i++)
                state.Write(mixer.Number, i, key, value);
        }

        state.Advance(tokens);
        return state;
    }

    /// <summary>Seconds of a step of some sequences that look back on so many tokens: the median of eight.</summary>
    public static double DecodeSeconds(Workbench bench, int batch, int past)
    {
        SequenceState[] sequences = [.. Enumerable.Range(0, batch).Select(_ => Filled(bench, past))];
        int[] tokens = [.. Enumerable.Range(1, batch)];
        List<double> seconds = [];
        for (int step = 0; step < 9; step++)
        {
            long start = Stopwatch.GetTimestamp();
            bench.Step(sequences, tokens);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        foreach (SequenceState sequence in sequences)
            sequence.Dispose();
        return seconds.Skip(1).Order().ElementAt(4);
    }

    /// <summary>Seconds of a prompt that is read in chunks.</summary>
    public static double PromptSeconds(Workbench bench, int length, int chunk)
    {
        using SequenceState sequence = bench.CreateSequence();
        int[] tokens = [.. Enumerable.Range(1, length)];
        long start = Stopwatch.GetTimestamp();
        for (int at = 0; at < length; at += chunk)
            bench.Read(sequence, tokens.AsSpan(at, Math.Min(chunk, length - at)));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The model: zeros of its shape.</summary>
    public ModelFile File()
    {
        (int width, int layers, int heads, int keyHeads, int wide, int vocabulary) = s_shapes[Model];
        string path = Path.Combine(Path.GetTempPath(), $"thimble-predict-{Environment.ProcessId}.json");
        System.IO.File.WriteAllText(path, $$"""
            { "architectures": ["LlamaForCausalLM"], "hidden_size": {{width}}, "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}},
              "num_key_value_heads": {{keyHeads}}, "intermediate_size": {{wide}}, "vocab_size": {{vocabulary}}, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5,
              "tie_word_embeddings": true }
            """);
        try
        {
            return HuggingFaceConfig.Open(path, BlockFormats.Named(Format));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }
}
