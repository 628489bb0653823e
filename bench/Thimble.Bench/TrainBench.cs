using System.Diagnostics;
using System.Globalization;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;

namespace Thimble.Bench;

/// <summary>Tokens a second that training reads, and the share of the machine's floating-point products that it reaches, by the model's size.</summary>
/// <remarks>A step is 4,096 tokens. Operations counted are six for each number of a matrix and token (two forward, four backward), and
/// attention's; the bound is the same machine's product of two square matrices of 1,024, measured in turns with the steps.</remarks>
internal static class TrainBench
{
    private const int Tokens = 4096;

    public static void Run(string[] args)
    {
        string tokenizer = args.Length > 0 ? args[0] : Path.Combine("tests", "Thimble.Tests", "Golden", "ple-tinystories-int4", "ple-d32-s0.bin");
        (string Name, NewModelOptions Sizes)[] models =
        [
            ("1 M", new() { Tokenizer = tokenizer, Layers = 4, Width = 128, Heads = 4, KeyHeads = 4, Wide = 384 }),
            ("10 M", new() { Tokenizer = tokenizer, Layers = 8, Width = 320, Heads = 5, KeyHeads = 5, Wide = 832 }),
            ("30 M", new() { Tokenizer = tokenizer, Layers = 10, Width = 512, Heads = 8, KeyHeads = 4, Wide = 1408 }),
        ];
        using var team = new Team(Cores.Best);
        using var gemm = new Gemm(team);
        foreach ((string name, NewModelOptions sizes) in models)
        {
            foreach (bool recompute in new[] { false, true })
            {
                using ModelFile file = NewModel.Make(sizes, 1);
                using var model = new TrainedModel(file, 256);
                foreach (Parameter parameter in model.Graph.Parameters)
                    parameter.IsTrained = parameter.Name.Length > 0;
                using var trainer = new Trainer(model.Graph, new() { Recompute = recompute });
                long matrices = model.Graph.Parameters.Where(parameter => parameter.Rows > 1).Sum(parameter => (long)parameter.Length);   // the tied table is met once, as head
                double attention = 6.0 * sizes.Layers * 2 * 256 / 2 * sizes.Width;
                var random = new Random(1);
                var batch = Batch.Of([.. Enumerable.Range(0, Tokens / 256).Select(_ => Enumerable.Range(0, 257).Select(_ => random.Next(1, 4000)).ToArray())]);
                trainer.Step([batch]);
                List<double> seconds = [], peaks = [];
                for (int i = 0; i < 7; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    trainer.Step([batch]);
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    peaks.Add(Peak(gemm));
                }

                double second = Median(seconds), peak = Median(peaks), rate = ((6.0 * matrices) + attention) * Tokens / second;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name}{(recompute ? ", layers computed again" : "")}: {matrices / 1e6:F1} M in matrices, {Tokens / second,7:F0} tokens/s, {rate / 1e9:F0} of {peak / 1e9:F0} GFLOP/s: {rate / peak:P0}; {trainer.Bytes / 1e6:F0} MB of gradients, moments and activations"));
            }
        }
    }

    private static double Peak(Gemm gemm)
    {
        const int n = 1024;
        float[] x = new float[n * n], w = new float[n * n], y = new float[n * n];
        Array.Fill(x, 0.5f);
        Array.Fill(w, 0.25f);
        double best = 0;
        for (int i = 0; i < 6; i++)
        {
            long start = Stopwatch.GetTimestamp();
            gemm.MultiplyByRows(new Matrix(x, n), new Matrix(w, n), new Matrix(y, n));
            best = Math.Max(best, 2.0 * n * n * n / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
