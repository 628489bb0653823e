using System.Diagnostics;
using System.Globalization;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>T-MAC on one thread: beside packed rows and decoded weights by format, and its time by the number of bits.</summary>
internal static class TMacBench
{
    public static void Run(string[] args)
    {
        int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 40;
        string[] formats = args.Length > 1 ? args[1].Split(',') : ["Q1_0", "Q2_0", "TQ1_0", "TQ2_0", "Q2_K", "Q3_K", "Q4_0", "Q4_1", "Q4_K"];
        Console.WriteLine($"{"format",-7} {"rows",6} {"token",6} {"T-MAC Gw/s",11} {"panels",8} {"ratio",6} {"decoded",8} {"ratio",6} {"GB/s",6}");
        foreach (string format in formats)
        {
            foreach ((int rows, int tokens) in ((int, int)[])[(2048, 1), (16384, 1), (1024, 32)])
                Compare(format, rows, tokens, rounds);
        }
    }

    private static void Compare(string format, int rows, int tokens, int rounds)
    {
        const int columns = 4096;
        using var team = new Team(1);
        using Allocation stored = Stored(format, rows, columns);
        using var plain = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes));
        using var packed = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes, team));
        using var tables = new TMac(plain, team);
        Multiplier[] ways = [tables, packed.Multiplier, new FloatMultiplier(plain)];
        double[] seconds = Times(ways, plain, tokens, rounds, team);
        double weights = (double)rows * columns * tokens / 1e9;
        Console.WriteLine(
            $"{format,-7} {rows,6} {tokens,6} {weights / seconds[0],11:F1} {weights / seconds[1],8:F1} {seconds[1] / seconds[0],6:F2} {weights / seconds[2],8:F1} {seconds[2] / seconds[0],6:F1} {tables.Bytes / seconds[0] / 1e9,6:F1}");
    }

    private static Allocation Stored(string format, int rows, int columns)
    {
        BlockFormat known = BlockFormats.Named(format);
        var stored = new Allocation(rows * known.RowBytes(columns));
        var random = new Random(1);
        float[] values = new float[16 * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextDouble() - 0.5);
        int part = (int)(16 * known.RowBytes(columns));
        known.Encode(values, [], stored.Slice(0, part));
        for (int row = 16; row < rows; row += 16)
            stored.Slice(0, part).CopyTo(stored.Slice((long)row / 16 * part, part));
        return stored;
    }

    /// <summary>The best of rounds in which each way takes its turn: other work on the machine only ever adds time.</summary>
    private static double[] Times(Multiplier[] ways, Weight weight, int tokens, int rounds, Team team)
    {
        using var scratch = new Arena();
        Matrix x = scratch.Rent(tokens, weight.Columns), y = scratch.Rent(tokens, weight.Rows);
        var random = new Random(2);
        foreach (ref float value in x.Values)
            value = (float)(random.NextDouble() - 0.5);
        var ready = Activations.Of(x, true, scratch, team);
        double[][] times = [.. ways.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                if (ways[way] is FloatMultiplier && round > rounds / 8)
                {
                    times[way][round] = times[way][0];
                    continue;
                }

                long start = Stopwatch.GetTimestamp();
                ways[way].Multiply(ready, y, 0, team);
                if (round >= 0)
                    times[way][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return [.. times.Select(all => all.Order().First())];
    }
}
