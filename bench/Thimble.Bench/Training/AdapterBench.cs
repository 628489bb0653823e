using System.Diagnostics;
using System.Globalization;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>Every kind of adapter beside full tuning on a small model: accuracy on templates that were never learnt from, what is forgotten, share
/// of the numbers, time, memory, and the time to swap it in.</summary>
internal static class AdapterBench
{
    internal static (string Name, float Rate, TrainedAdapterOptions? Options)[] Ways { get; } =
    [
        ("full", 3e-3f, null),
        ("lora", 1e-2f, new() { Kind = "lora", Rank = 2, Alpha = 4 }),
        ("dora", 1e-2f, new() { Kind = "dora", Rank = 2, Alpha = 4 }),
        ("series", 1e-2f, new() { Kind = "series", Rank = 18 }),
        ("parallel", 1e-2f, new() { Kind = "parallel", Rank = 5 }),
        ("scaled_parallel", 1e-2f, new() { Kind = "scaled_parallel", Rank = 5, Scale = 4 }),
        ("prefix", 3e-2f, new() { Kind = "prefix", Tokens = 30 }),
        ("prompt", 3e-2f, new() { Kind = "prompt", Tokens = 20 }),
        ("p_tuning", 3e-3f, new() { Kind = "p_tuning", Tokens = 20, Hidden = 40 }),
        ("qlora", 1e-2f, new() { Kind = "lora", Rank = 2, Alpha = 4, Base = "nf4" }),
    ];

    public static void Run(string[] args)
    {
        string model = args.Length > 0 ? args[0] : Path.Combine("tests", "Thimble.Tests", "Golden", "stories260K", "stories260K.bin");
        string stories = Path.Combine("tests", "Thimble.Tests", "Golden", "stories-text", "stories.txt");
        int steps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500, seeds = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3;
        using var file = ModelFile.Open(model);
        var tokenizer = Tokenizer.From(file.Metadata);
        var problems = new WordProblems(tokenizer);
        List<Batch> heldOut = problems.Batches(learnt: false, 512, 64, seed: 99);
        int[] text = tokenizer.Encode(File.ReadAllText(stories), addSpecial: true);
        Batch[] told = [Batch.Of([.. text.Chunk(200).Where(part => part.Length > 1)])];
        Console.WriteLine($"{steps} steps of 32 problems, {seeds} seeds; accuracy on {heldOut.Sum(batch => batch.Counted)} problems from held-out templates");
        Console.WriteLine("| way | numbers | share | accuracy (each seed) | loss of the answer | perplexity of stories | ms a step | memory | load |");
        Console.WriteLine("|---|--:|--:|---|--:|--:|--:|--:|--:|");
        foreach ((string name, float rate, TrainedAdapterOptions? options) in Ways.Prepend(("none", 0, null)))
            Console.WriteLine(Row(file, name, rate, options, name == "none" ? 0 : steps, seeds, problems, heldOut, told));
    }

    private static string Row(ModelFile file, string name, float rate, TrainedAdapterOptions? options, int steps, int seeds, WordProblems problems, List<Batch> heldOut, Batch[] told)
    {
        List<double> right = [], losses = [], stories = [];
        double milliseconds = 0, load = double.NaN;
        long numbers = 0, all = 0, bytes = 0;
        for (int seed = 1; seed <= (steps == 0 ? 1 : seeds); seed++)
        {
            using var model = new TrainedModel(file, 512, frozen: options is not null, options?.Base);
            all = model.Graph.Parameters.Where(parameter => parameter.Name.Length > 0).Sum(parameter => (long)parameter.Length);
            if (options is not null)
                LlmAdapters.Attach(model.Graph, options, seed);
            foreach (Parameter parameter in model.Graph.Parameters.Where(_ => options is null))
                parameter.IsTrained = parameter.Name.Length > 0;
            using var trainer = new Trainer(model.Graph, new() { Steps = Math.Max(1, steps), Optimiser = new() { Rate = rate, Decay = 0 }, Schedule = new() { WarmUp = 20 } });
            Batch[] batches = [.. problems.Batches(learnt: true, 32 * steps, 32, seed)];
            long start = Stopwatch.GetTimestamp();
            foreach (Batch batch in batches)
                trainer.Step([batch]);
            milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Math.Max(1, steps);
            (numbers, bytes) = (steps == 0 ? 0 : trainer.Trained.Sum(parameter => (long)parameter.Length), trainer.Bytes);
            Loss loss = trainer.Evaluate(heldOut);
            right.Add((double)loss.Right / loss.Counted);
            losses.Add(loss.Mean);
            stories.Add(Math.Exp(trainer.Evaluate(told).Mean));
            if (options is not null)
                load = Load(file, model, options);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {numbers:N0} | {100.0 * numbers / all:F2} % | {100 * right.Average():F1} % ({string.Join(", ", right.Select(share => (100 * share).ToString("F1", CultureInfo.InvariantCulture)))}) | {losses.Average():F3} | {stories.Average():F2} | {milliseconds:F1} | {bytes / 1e6:F1} MB | {load:F1} ms |");
    }

    /// <summary>Milliseconds that it takes a model that is open to load the adapter from its file.</summary>
    private static double Load(ModelFile file, TrainedModel model, TrainedAdapterOptions options)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"thimble-bench-{Environment.ProcessId}");
        LlmAdapters.Save(folder, model.Graph, options, file);
        using var open = Model.Open(file.Path);
        open.LoadAdapter(folder).Dispose();
        long start = Stopwatch.GetTimestamp();
        open.LoadAdapter(folder).Dispose();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Directory.Delete(folder, recursive: true);
        return milliseconds;
    }
}
