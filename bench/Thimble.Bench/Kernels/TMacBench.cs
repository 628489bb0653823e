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
        Console.WriteLine($"{"format",-7} {"rows",6} {"token",6} {"T-MAC Gw/s",11} {"panels",8} {"ratio",6} {"decoded",8} {"ratio",6} {"GB/s",6} {"packs",8}");
        foreach (string format in formats)
        {
            foreach ((int rows, int tokens) in ((int, int)[])[(2048, 1), (16384, 1), (1024, 32)])
                Compare(format, rows, tokens, rounds);
        }

        Line(rounds);
        Tables(rounds);
    }

    /// <summary>The card's check: time is linear in the bits, a one-bit weight takes less than 0.45 of a four-bit one's time, and two bits are
    /// 2.5 times as fast as decoding.</summary>
    private static void Line(int rounds)
    {
        const int rows = 2048, columns = 4096;
        using var team = new Team(1);
        string[] formats = ["Q1_0", "Q2_0", "Q3_K", "Q4_0"];
        Allocation[] stored = [.. formats.Select(format => Stored(format, rows, columns))];
        Weight[] weights = [.. formats.Select((format, i) => new Weight("w", BlockFormats.Named(format), rows, columns, stored[i].Region, new(Precision.Bytes)))];
        double[] seconds = Times([.. weights.Select(weight => new TMac(weight, team)), new FloatMultiplier(weights[1])], weights[0], 1, rounds, team);
        double mean = seconds[..4].Average(), middle = 2.5;
        double slope = Enumerable.Range(0, 4).Sum(i => (i + 1 - middle) * (seconds[i] - mean)) / 5;
        double left = Enumerable.Range(0, 4).Sum(i => Math.Pow(seconds[i] - mean - (slope * (i + 1 - middle)), 2));
        double square = 1 - (left / seconds[..4].Sum(time => Math.Pow(time - mean, 2)));
        Console.WriteLine($"1 to 4 bits: {string.Join(", ", seconds[..4].Select(time => $"{1e6 * time:F0}"))} us; {1e6 * (mean - (slope * middle)):F0} + {1e6 * slope:F0} B us");
        Judge("R2 of that line", square, square >= 0.95, "at least 0.95");
        Judge("one bit / four bits", seconds[0] / seconds[3], seconds[0] <= 0.45 * seconds[3], "at most 0.45");
        Judge("two bits against decoding to floats", seconds[4] / seconds[1], seconds[4] >= 2.5 * seconds[1], "at least 2.5");
    }

    /// <summary>Exact tables beside tables of bytes, sixteen entries stored or eight.</summary>
    private static void Tables(int rounds)
    {
        const int rows = 2048, columns = 4096;
        using var team = new Team(1);
        foreach ((string format, int bits, int lowest, int step) in ((string, int, int, int)[])[("Q1_0", 1, -1, 2), ("Q2_0", 2, -1, 1), ("Q3_K", 3, -4, 1), ("Q4_0", 4, -8, 1)])
        {
            using Allocation stored = Stored(format, rows, columns);
            using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes));
            using var exact = new TMac(weight, team);
            using var sixteen = new ByteTables(weight, bits, lowest, step, isMirrored: false);
            using var eight = new ByteTables(weight, bits, lowest, step, isMirrored: true);
            double[] seconds = Times([exact, sixteen, eight], weight, 1, rounds, team);
            Console.WriteLine($"{format}: exact {1e6 * seconds[0]:F0} us, bytes {1e6 * seconds[1]:F0} us, bytes mirrored {1e6 * seconds[2]:F0} us");
        }
    }

    private static void Judge(string what, double value, bool passes, string wanted) =>
        Console.WriteLine($"{(passes ? "PASS" : "FAIL")} {what}: {value:F3}, {wanted}");

    private static void Compare(string format, int rows, int tokens, int rounds)
    {
        const int columns = 4096;
        using var team = new Team(1);
        using Allocation stored = Stored(format, rows, columns);
        using var plain = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes));
        using Multiplier packed = Multipliers.Offered(plain, team) ?? plain.Format.Multiplier(plain);
        double packing = double.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using var packs = new TMac(plain, team);
            packing = Math.Min(packing, Stopwatch.GetElapsedTime(start).TotalSeconds * tokens);
        }

        using var tables = new TMac(plain, team);
        Multiplier[] ways = [tables, packed, new FloatMultiplier(plain)];
        double[] seconds = Times(ways, plain, tokens, rounds, team);
        double weights = (double)rows * columns * tokens / 1e9;
        Console.WriteLine(
            $"{format,-7} {rows,6} {tokens,6} {weights / seconds[0],11:F1} {weights / seconds[1],8:F1} {seconds[1] / seconds[0],6:F2} {weights / seconds[2],8:F1} {seconds[2] / seconds[0],6:F1} {tables.Bytes / seconds[0] / 1e9,6:F1} {weights / packing,8:F2}");
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
        foreach (Multiplier way in ways)
            way.Prepare(tokens);
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
                ways[way].Multiply(in ready, y, 0, 0, 1);
                if (round >= 0)
                    times[way][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return [.. times.Select(all => all.Order().First())];
    }
}
