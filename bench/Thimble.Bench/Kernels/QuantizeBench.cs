using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>What each encoder leaves of Gaussian and heavy-tailed values, plainly and by importance, and how fast it is.</summary>
internal static class QuantizeBench
{
    public const int Columns = 2048;

    public static IEnumerable<string> Formats => BlockFormats.All.Where(format => format.BlockLength > 1).Select(format => format.Name);

    public static void Run(string[] args)
    {
        string[] formats = args.Length > 0 && args[0] != "all" ? args[0].Split(',') : [.. Formats];
        Console.WriteLine("errors: sum of w * (x - y)^2 over sum of w * x^2; speed: MB of F32 (twice those of F16) a second of processor time, and of two threads");
        Console.WriteLine($"{"format",-8} {"gauss",10} {"weighted",10} {"heavy",10} {"weighted",10} {"processor",10} {"weighted",10} {"2 threads",10}");
        float[] gauss = Gaussian(128), heavy = Heavy(128), importance = Importance();
        using Team one = new(1), two = new(2);
        foreach (BlockFormat format in formats.Select(BlockFormats.Named))
        {
            string errors = string.Join(' ', new[] { (gauss, false), (gauss, true), (heavy, false), (heavy, true) }
                .Select(pair => $"{Error(format, pair.Item1, pair.Item2 ? importance : []),10:G4}"));
            Console.WriteLine($"{format,-8} {errors} {Speed(format, gauss, [], one, Processor),10:F0} {Speed(format, gauss, importance, one, Processor),10:F0} {Speed(format, gauss, [], two, Clock),10:F0}");
        }
    }

    /// <summary>Normal values.</summary>
    public static float[] Gaussian(int rows, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * Columns).Select(_ => (float)(0.02 * Normal(random)))];
    }

    /// <summary>Student's t with four degrees of freedom: one value in a thousand is seven times the usual.</summary>
    public static float[] Heavy(int rows, int seed = 2)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * Columns).Select(_ =>
        {
            double square = Enumerable.Range(0, 4).Sum(_ => Math.Pow(Normal(random), 2));
            return (float)(0.02 * Normal(random) / Math.Sqrt(square / 4));
        })];
    }

    /// <summary>Importances of columns as models have them: log-normal, mean 1.</summary>
    public static float[] Importance(int seed = 3)
    {
        var random = new Random(seed);
        double[] raw = [.. Enumerable.Range(0, Columns).Select(_ => Math.Exp(1.2 * Normal(random)))];
        double mean = raw.Average();
        return [.. raw.Select(value => (float)(value / mean))];
    }

    /// <summary>What an encoder leaves, weighted by <paramref name="importance"/> if there is one.</summary>
    public static double Error(BlockFormat format, float[] values, float[] importance)
    {
        byte[] blocks = new byte[format.RowBytes(Columns)];
        float[] decoded = new float[Columns];
        double missed = 0, all = 0;
        for (int row = 0; row < values.Length; row += Columns)
        {
            ReadOnlySpan<float> x = values.AsSpan(row, Columns);
            format.Encode(x, importance, blocks);
            format.Decode(blocks, decoded);
            Add(x, decoded, importance, ref missed, ref all);
        }

        return missed / all;
    }

    /// <summary>Adds one row's weighted squares: of the errors, and of the values.</summary>
    public static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> importance, ref double missed, ref double all)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double w = importance.IsEmpty ? 1 : importance[i], error = (double)x[i] - y[i];
            (missed, all) = (missed + (w * error * error), all + (w * x[i] * x[i]));
        }
    }

    /// <summary>Seconds of this process's threads: others on the machine do not count.</summary>
    private static double Processor() => Environment.CpuUsage.TotalTime.TotalSeconds;

    private static double Clock() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    private static double Speed(BlockFormat format, float[] values, float[] importance, Team team, Func<double> seconds)
    {
        byte[] blocks = new byte[format.RowBytes(Columns) * (values.Length / Columns)];
        List<double> times = [];
        for (int i = 0; i < 3 || (times.Sum() < 0.2 && i < 100); i++)
        {
            double start = seconds();
            team.Run(new Encoding(format, values, importance, blocks));
            times.Add(seconds() - start);
        }

        return values.Length * 4.0 / times.Min() / 1e6;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private readonly struct Encoding(BlockFormat format, float[] values, float[] importance, byte[] blocks) : ITeamWork
    {
        public void Run(int member, int members)
        {
            int bytes = (int)format.RowBytes(Columns);
            (int first, int end) = Shares.Of(values.Length / Columns, 1, member, members);
            for (int row = first; row < end; row++)
                format.Encode(values.AsSpan(row * Columns, Columns), importance, blocks.AsSpan(row * bytes, bytes));
        }
    }
}
