using System.Diagnostics;
using System.Globalization;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>Every zeroth-order method beside gradients, on a whole small model and on an adapter of it: accuracy on sentences that were never learnt
/// from; with and without a template; how near estimates are to the gradient.</summary>
internal static class ZerothBench
{
    private static readonly (string Name, ZerothOrderOptions? Zeroth, string Optimiser, float Full, float Adapter)[] s_ways =
    [
        ("FO-SGD", null, "sgd", 0.05f, 0.2f),
        ("FO-Adam", null, "adamw", 1e-3f, 5e-3f),
        ("ZO-SGD", new() { Method = "sgd" }, "", 2e-5f, 3e-3f),
        ("ZO-SGD-Sign", new() { Method = "sign" }, "", 3e-5f, 1e-3f),
        ("ZO-SGD-MMT", new() { Method = "momentum" }, "", 2e-6f, 3e-4f),
        ("ZO-SGD-Cons", new() { Method = "conservative" }, "", 4e-5f, 5e-3f),
        ("ZO-Adam", new() { Method = "adam" }, "", 5e-5f, 3e-3f),
        ("Forward-Grad", new() { Method = "forward" }, "", 2e-5f, 3e-3f),
        ("ZO-SGD by layer", new() { Method = "sgd", ByLayer = true }, "", 4e-5f, 5e-3f),
        ("ZO-SGD, 50 % sparse", new() { Method = "sgd", Sparsity = 0.5f, Resample = 20 }, "", 4e-5f, 5e-3f),
        ("ZO-FO, last layer by gradients", new() { Method = "sgd", FirstOrderLayers = 1 }, "", 2e-5f, 3e-3f),
    ];

    public static void Run(string[] args)
    {
        int steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
        string path = args.Length > 1 ? args[1] : Path.Combine("tests", "Thimble.Tests", "Golden", "stories260K", "stories260K.bin");
        using var file = ModelFile.Open(path);
        var sentences = new Feelings(Tokenizer.From(file.Metadata));
        Console.WriteLine($"{steps} steps of 16 sentences (gradients: {steps / 4}); accuracy on 512 sentences of events never learnt from; loss on what is learnt");
        Console.WriteLine("| way | whole model | loss | adapter (LoRA 8) | loss | no template, whole model | ms a step | memory |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|");
        Console.WriteLine($"| none | {Row(file, sentences, ("", null, "", 0, 0), false, true, 0)} | {Row(file, sentences, ("", null, "", 0, 0), true, true, 0)} | {Row(file, sentences, ("", null, "", 0, 0), false, false, 0).Split('|')[0]} | | |");
        foreach (var way in s_ways)
        {
            int own = way.Zeroth is null ? steps / 4 : steps;
            long start = Stopwatch.GetTimestamp();
            string full = Row(file, sentences, way, adapts: false, template: true, own);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds / own;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {way.Name} | {full} | {Row(file, sentences, way, adapts: true, template: true, own)} | {Row(file, sentences, way, adapts: false, template: false, own).Split('|')[0]} | {milliseconds:F1} | {s_bytes / 1e6:F2} MB |"));
        }

        Console.WriteLine($"classes at random, ZO-SGD on the whole model: {Row(file, sentences, s_ways[2], adapts: false, template: true, steps, shuffled: true).Split('|')[0]}");
        Estimates(file, sentences);
    }

    private static long s_bytes;

    private static string Row(
        ModelFile file, Feelings sentences, (string Name, ZerothOrderOptions? Zeroth, string Optimiser, float Full, float Adapter) way, bool adapts, bool template, int steps, bool shuffled = false)
    {
        using TrainedModel model = Made(file, adapts);
        var options = new TrainerOptions
        {
            Steps = Math.Max(1, steps),
            Optimiser = new() { Name = way.Optimiser.Length > 0 ? way.Optimiser : "adamw", Rate = adapts ? way.Adapter : way.Full, Decay = 0, Beta2 = 0.999f },
            Schedule = new() { Shape = "linear", Floor = 0.1f },
        };
        using ITrainer trainer = way.Zeroth is { } zeroth ? new ZoBench(model.Graph, options, zeroth with { Distance = adapts ? 1e-2f : 1e-3f }, 1) : new Trainer(model.Graph, options);
        List<Batch> learnt = sentences.Batches(template, learnt: true, Math.Max(16, 16 * steps), 16, 1, shuffled);
        for (int i = 0; i < steps; i++)
            trainer.Step([learnt[i]]);
        s_bytes = trainer.Bytes;
        Loss loss = trainer.Evaluate(sentences.Batches(template, learnt: false, 512, 64, 7)), own = trainer.Evaluate(learnt.Take(16));
        return string.Create(CultureInfo.InvariantCulture, $"{100.0 * loss.Right / loss.Counted:F1} % | {own.Mean:F3}");
    }

    /// <summary>How near the mean of some estimates is to the gradient, and how sparse directions change the spread of an estimate.</summary>
    private static void Estimates(ModelFile file, Feelings sentences)
    {
        Batch batch = sentences.Batches(template: true, learnt: true, 16, 16, 1)[0];
        foreach (bool adapts in new[] { true, false })
        {
            foreach (int queries in new[] { 1, 4, 16, 64, 256 })
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cosine of {queries,3} estimates and the gradient, {(adapts ? "adapter" : "whole model")}: {Cosine(file, batch, adapts, queries, 0, out int numbers, out _):F4}; root of queries over numbers {Math.Sqrt((double)queries / numbers):F4}"));
        }

        foreach (float sparsity in new[] { 0, 0.1f, 0.5f, 0.9f })
        {
            Cosine(file, batch, adapts: false, 64, sparsity, out _, out double spread);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sparsity {sparsity:F1}: mean square of an estimate {spread:E2}"));
        }
    }

    private static double Cosine(ModelFile file, Batch batch, bool adapts, int queries, float sparsity, out int numbers, out double spread)
    {
        using TrainedModel model = Made(file, adapts);
        using var pulled = new Trainer(model.Graph, new() { Optimiser = new() { Name = "sgd", Rate = 0 } });
        pulled.Step([batch]);
        using var trainer = new ZoBench(model.Graph, new(), new() { Sparsity = sparsity, Distance = 1e-3f }, 1);
        double[][] sums = [.. trainer.Trained.Select(parameter => new double[parameter.Length])];
        spread = 0;
        for (uint seed = 1; seed <= queries; seed++)
        {
            float slope = trainer.Slope([batch], trainer.Trained, seed).Slope;
            for (int i = 0; i < sums.Length; i++)
            {
                float[] direction = new float[sums[i].Length];
                trainer.Direction(trainer.Trained[i], seed, 1).Fill(0, direction);
                for (int j = 0; j < direction.Length; j++)
                    sums[i][j] += slope * direction[j] / queries;
                spread += direction.Sum(value => Math.Pow(slope * value, 2)) / queries;
            }
        }

        double along = 0, one = 0, other = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            Span<float> gradient = trainer.Trained[i].Gradient.Values;
            for (int j = 0; j < sums[i].Length; j++)
                (along, one, other) = (along + (sums[i][j] * gradient[j]), one + (sums[i][j] * sums[i][j]), other + ((double)gradient[j] * gradient[j]));
        }

        numbers = sums.Sum(sum => sum.Length);
        return along / Math.Sqrt(one * other);
    }

    private static TrainedModel Made(ModelFile file, bool adapts)
    {
        var model = new TrainedModel(file, 512, frozen: adapts);
        if (adapts)
            LlmAdapters.Attach(model.Graph, new() { Rank = 8, Alpha = 16, Targets = "attn_(q|v)" }, 1);
        foreach (Parameter parameter in model.Graph.Parameters.Where(_ => !adapts))
            parameter.IsTrained = parameter.Name.Length > 0;
        return model;
    }
}
