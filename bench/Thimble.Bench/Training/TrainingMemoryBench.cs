using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Bench;

/// <summary>The most memory that each way of training takes, each in a process of its own, beside inference of the same tokens.</summary>
/// <remarks>Counted is the process's anonymous memory, looked at every two milliseconds while steps run, less what the process held before the
/// model: weights, gradients, moments, activations and scratch, managed and native. The model is in 32-bit floats but for QLoRA.</remarks>
internal static class TrainingMemoryBench
{
    private static readonly string[] s_methods =
        ["inference", "zo-sgd", "zo-sgd by layer", "zo-sgd lora", "zo-momentum", "zo-adam", "forward", "zo hybrid 2", "lora", "qlora", "ft adamw", "ft adamw recompute", "ft sgd"];

    public static void Run(string[] args)
    {
        if (args is ["of", var method, var which, var rows, var length, var given])
        {
            Console.WriteLine(Measure(method, which, int.Parse(rows, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture), given));
            return;
        }

        string tokenizer = args.Length > 0 ? args[0] : throw new ArgumentException("Give a model or vocabulary whose tokenizer the shapes take, such as a GGUF of GPT-2's vocabulary.");
        foreach ((string shape, int sequences, int tokens) in new[] { ("10M", 8, 128), ("135M", 4, 128), ("10M", 8, 256) })
        {
            Console.WriteLine($"{shape}, {sequences} sequences of {tokens} tokens");
            double inference = 0;
            foreach (string name in s_methods)
            {
                double[] told = [.. Child(name, shape, sequences, tokens, tokenizer).Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
                inference = name == "inference" ? told[0] : inference;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-20} {told[0] / 1e6,8:F1} MB  {told[0] / inference,5:F2}x inference  {told[1],7:F2} s a step"));
            }
        }
    }

    private static string Child(string method, string shape, int rows, int length, string tokenizer)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        string[] words = [.. Environment.GetCommandLineArgs()[0].EndsWith(".dll", StringComparison.Ordinal) && !Environment.ProcessPath!.EndsWith("Thimble.Bench", StringComparison.Ordinal) ? (string[])[Environment.GetCommandLineArgs()[0]] : [],
            "training-memory", "of", method, shape, rows.ToString(CultureInfo.InvariantCulture), length.ToString(CultureInfo.InvariantCulture), tokenizer];
        start.Environment["DOTNET_GCgen0size"] = "0x400000";   // so that what is counted is memory in use, not what the collector has not looked at yet
        foreach (string word in words)
            start.ArgumentList.Add(word);
        using Process child = Process.Start(start)!;
        string told = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return told.Trim();
    }

    private static string Measure(string method, string shape, int sequences, int length, string tokenizer)
    {
        NewModelOptions sizes = shape == "10M"
            ? new() { Tokenizer = tokenizer, Layers = 8, Width = 256, Heads = 8, KeyHeads = 4, Wide = 704 }
            : new() { Tokenizer = tokenizer, Layers = 30, Width = 576, Heads = 9, KeyHeads = 3, Wide = 1536 };
        if (shape == "10M")
            sizes = sizes with { Tokenizer = Path.Combine("tests", "Thimble.Tests", "Golden", "ple-tinystories-int4", "ple-d32-s0.bin") };
        long before = Anonymous();
        string[] words = method.Split(' ');
        using TrainedModel model = Make(sizes, words[0], words.Contains("lora"));
        var random = new Random(1);
        int vocabulary = model.Graph.Decoder.Embedding.Table.Rows;
        int[][] texts = [.. Enumerable.Range(0, sequences).Select(_ => Enumerable.Range(0, length + 1).Select(_ => random.Next(1, vocabulary)).ToArray())];
        using IDisposable runner = words[0] == "inference" ? new Inference(model.File) : Trainer(model, words);
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var watch = new Watch();
        double seconds = double.PositiveInfinity;
        for (int i = 0; i < 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (runner is Inference inference)
                inference.Score(texts);
            else
                ((ITrainer)runner).Step([Batch.Of(texts)]);
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{watch.Most() - before} {seconds}");
    }

    private static TrainedModel Make(NewModelOptions sizes, string method, bool adapts)
    {
        using ModelFile made = NewModel.Make(sizes, 1);
        if (method is not ("qlora" or "lora") && !adapts)
            return new TrainedModel(made);
        using var whole = new TrainedModel(made);
        return new TrainedModel(made, frozen: true, packed: method == "qlora" ? "nf4" : null);
    }

    private static ITrainer Trainer(TrainedModel model, string[] words)
    {
        var options = new TrainerOptions { Steps = 10, Recompute = words.Contains("recompute"), Optimiser = new OptimiserOptions { Name = words.Contains("sgd") ? "sgd" : "adamw", Rate = 1e-6f } };
        if (words[0] is "lora" or "qlora" || words.Contains("lora"))
        {
            LlmAdapters.Attach(model.Graph, new() { Rank = 8 }, 1);
        }
        else
        {
            foreach (Parameter parameter in model.Graph.Parameters)
                parameter.IsTrained = parameter.Name.Length > 0;
        }

        ZerothOrderOptions? zeroth = words[0] switch
        {
            "zo-sgd" => new() { ByLayer = words.Contains("layer") },
            "zo-momentum" => new() { Method = "momentum" },
            "zo-adam" => new() { Method = "adam" },
            "forward" => new() { Method = "forward" },
            "zo" => new() { FirstOrderLayers = 2 },
            _ => null,
        };
        return zeroth is null ? new Trainer(model.Graph, options) : new ZoBench(model.Graph, options, zeroth, 1);
    }

    /// <summary>Bytes of anonymous memory that this process has now.</summary>
    private static long Anonymous()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(8).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
        }

        return Process.GetCurrentProcess().WorkingSet64;
    }

    /// <summary>Texts read by the engine's own blocks: keys and values kept, the last token scored.</summary>
    private sealed class Inference : IDisposable
    {
        private readonly Decoder _decoder;
        private readonly StatePool _states;
        private readonly Team _team = new(Cores.Best);
        private readonly Pass _pass;

        public Inference(ModelFile file)
        {
            _decoder = Architectures.Build(new Blueprint(file, new(Precision.Floats, null)) { Context = 512 });
            _states = new StatePool(_decoder.States, 1 << 13, CellFormat.Named("F16"));
            _pass = new Pass(_team);
        }

        public void Score(int[][] texts)
        {
            SequenceState[] states = [.. texts.Select(_ => new SequenceState(_states))];
            using (_pass.Scratch.Mark())
            {
                _pass.Clear();
                for (int i = 0; i < texts.Length; i++)
                    _pass.Add(states[i], texts[i], 1);
                _decoder.Head!.Apply(_pass, _decoder.Forward(_pass));
            }

            foreach (SequenceState state in states)
                state.Dispose();
        }

        public void Dispose()
        {
            _pass.Dispose();
            _states.Dispose();
            _team.Dispose();
        }
    }

    /// <summary>Looks at the memory now and then.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ends;
        private long _most;

        public Watch()
        {
            _thread = new Thread(Look) { IsBackground = true };
            _thread.Start();
        }

        public long Most() => Math.Max(Interlocked.Read(ref _most), Anonymous());

        public void Dispose()
        {
            _ends = true;
            _thread.Join();
        }

        private void Look()
        {
            while (!_ends)
            {
                _most = Math.Max(_most, Anonymous());
                Thread.Sleep(2);
            }
        }
    }
}
