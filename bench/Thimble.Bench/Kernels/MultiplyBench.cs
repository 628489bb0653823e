using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>Products of one 4096-column weight by format: bytes per second for one token, operations per second for many.</summary>
internal static class MultiplyBench
{
    public static void Run(string[] args)
    {
        int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 15;
        string[] formats = args.Length > 0 && args[0] != "all" ? args[0].Split(',') :
            ["Q4_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4", "TQ2_0", "F16", "BF16", "F32"];
        Console.WriteLine($"{"format",-8} {"threads",7} {"1 token GB/s",14} {"Gweight/s",10} {"8 tok GOP/s",12} {"512 tok GOP/s",14}");
        foreach (int threads in (int[])[1, 2])
        {
            using var team = new Team(threads, pinned: true);
            using var memory = new Allocation(512 << 20);
            team.Pin();
            Console.WriteLine($"read loop {threads} threads: {Ceilings.Read(team, memory, rounds) / 1e9:F1} GB/s; multiply-add loop in 32-bit floats: {2 * Ceilings.Floats(team, rounds) / 1e9:F1} GFLOP/s, of bytes: {2 * Ceilings.Bytes(team, rounds) / 1e9:F0} GOP/s");
            foreach (string format in formats)
                One(format, team, rounds);
        }
    }

    private static void One(string format, Team team, int rounds)
    {
        const int rows = 16384, columns = 4096;
        BlockFormat known = BlockFormats.Named(format);
        using var stored = new Allocation(rows * known.RowBytes(columns));
        var random = new Random(1);
        float[] values = new float[16 * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextDouble() - 0.5);
        int part = (int)(16 * known.RowBytes(columns));
        known.Encode(values, [], stored.Slice(0, part));
        for (int row = 16; row < rows; row += 16)
            stored.Slice(0, part).CopyTo(stored.Slice((long)row / 16 * part, part));

        using var weight = new Weight("w", known, rows, columns, stored.Region, new(Precision.Bytes, team));
        using var scratch = new Arena();
        double one = Time(weight, 1, scratch, team, rounds), eight = Time(weight, 8, scratch, team, Math.Max(1, rounds / 2));
        double many = Time(weight, 512, scratch, team, 2);
        double weights = (double)rows * columns;
        Console.WriteLine(
            $"{format,-8} {team.Size,7} {weight.Bytes / one / 1e9,14:F1} {weights / one / 1e9,10:F1} {16 * weights / eight / 1e9,12:F0} {1024 * weights / many / 1e9,14:F0}");
    }

    private static double Time(Weight weight, int tokens, Arena scratch, Team team, int rounds)
    {
        using Arena.Scope _ = scratch.Mark();
        Matrix x = scratch.Rent(tokens, weight.Columns), y = scratch.Rent(tokens, weight.Rows);
        var random = new Random(2);
        foreach (ref float value in x.Values)
            value = (float)(random.NextDouble() - 0.5);
        var ready = Activations.Of(x, weight.TakesBytes, scratch, team);
        List<double> times = [];
        for (int i = 0; i <= rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            weight.Multiply(ready, y, team);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        if (times.Count > 1)
            times.RemoveAt(0);
        times.Sort();
        return times[times.Count / 2];
    }
}
