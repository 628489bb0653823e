using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>Few tokens at a time: each way that panels have, what the table chose, and what padding to 8 or 64 tokens would cost (FlashDecoding++, sections 4 and 5).</summary>
internal static class FlatBench
{
    private static readonly int[] s_tokens = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

    // [rows, columns] of a 1 B and a 0.5 B model: Q, K and V, output, gate and up, down.
    private static readonly (string Name, int Rows, int Columns)[] s_shapes =
        [("1B qkv", 3072, 2048), ("1B out", 2048, 2048), ("1B up", 16384, 2048), ("1B down", 2048, 8192), ("0.5B kv", 128, 896), ("0.5B down", 896, 4864)];

    public static void Run(string[] args)
    {
        string format = args.Length > 0 ? args[0] : "Q4_0";
        Console.WriteLine($"{format}, one thread, GOP/s of wanted tokens (least time of nine rounds that take turns); * is what the table chose");
        List<double> chosenOverBest = [], chosenOverStatic = [];
        double padLoss = 0;
        double[] product = new double[3];
        int cells = 0;
        double logChosen = 0;
        foreach ((string name, int rows, int columns) in s_shapes)
        {
            using var team = new Team(1);
            using Allocation stored = Stored(format, rows, columns);
            using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes, team));
            if (weight.Multiplier is not PanelMultiplier panels)
            {
                Console.WriteLine($"{name}: {weight.Multiplier.GetType().Name}, no panels");
                continue;
            }

            Crossings crossings = PanelTrial.Crossings(panels, format, rows, columns);
            Console.WriteLine($"{name} [{rows}, {columns}]: fours from {Text(crossings.Second)}, tile from {Text(crossings.Third)}");
            Console.WriteLine($"  {"tokens",6} {"each",8} {"fours",8} {"tile",8} {"pad 8",8} {"pad 64",8}");
            foreach (int tokens in s_tokens)
            {
                double[] seconds = Seconds(panels, rows, columns, tokens);
                int way = tokens == 1 ? 0 : crossings.WayFor(tokens);
                double operations = 2.0 * rows * columns * tokens / 1e9, best = Math.Min(seconds[0], Math.Min(seconds[1], seconds[2]));
                string row = $"  {tokens,6}";
                for (int i = 0; i < 5; i++)
                    row += $" {operations / seconds[i],7:F0}{(i == way ? '*' : ' ')}";
                Console.WriteLine(row);
                chosenOverBest.Add(best / seconds[way]);
                if (tokens == 8)
                    padLoss = Math.Max(padLoss, seconds[4] / seconds[way]);
                for (int i = 0; i < 3; i++)
                    product[i] += Math.Log(seconds[i] / seconds[way]);
                logChosen += Math.Log(best / seconds[way]);
                chosenOverStatic.Add(Math.Max(seconds[0], Math.Max(seconds[1], seconds[2])) / seconds[way]);
                cells++;
            }
        }

        chosenOverBest.Sort();
        Console.WriteLine($"chosen against the best of three: geometric mean {Math.Exp(logChosen / cells):F3}, least {chosenOverBest[0]:F3} (card 18: 0.97)");
        Console.WriteLine($"chosen against always each, fours, tile: {Math.Exp(product[0] / cells):F2}, {Math.Exp(product[1] / cells):F2}, {Math.Exp(product[2] / cells):F2} (card 18: 1.25 over the worst)");
        Console.WriteLine($"padding 8 tokens to 64 costs {padLoss:F1} times (card 18: 2)");
    }

    private static string Text(int tokens) => tokens == int.MaxValue ? "never" : $"{tokens}";

    /// <summary>Least seconds of each way, and of a tile padded to 8 and to 64 tokens.</summary>
    private static double[] Seconds(PanelMultiplier panels, int rows, int columns, int tokens)
    {
        using var scratch = new Arena();
        using var alone = new Team(1);
        double[] best = [double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue];
        for (int round = 0; round < 9; round++)
        {
            for (int way = 0; way < best.Length; way++)
            {
                using Arena.Scope _ = scratch.Mark();
                int given = way < 3 ? tokens : way == 3 ? (tokens + 7) / 8 * 8 : 64;
                Matrix x = scratch.Rent(given, columns), y = scratch.Rent(given, rows);
                x.Values.Fill(0.5f);
                var ready = Activations.Of(x, true, scratch, alone);
                long start = Stopwatch.GetTimestamp();
                panels.Multiply(in ready, y, 0, 0, panels.Panels, way < 3 ? (PanelWay)way : PanelWay.Tile);
                best[way] = Math.Min(best[way], Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    private static Allocation Stored(string format, int rows, int columns)
    {
        BlockFormat known = BlockFormats.Named(format);
        int bytes = (int)known.RowBytes(columns);
        var stored = new Allocation((long)rows * bytes);
        var random = new Random(1);
        float[] values = new float[columns];
        foreach (ref float value in values.AsSpan())
            value = (float)(random.NextDouble() - 0.5);
        known.Encode(values, [], stored.Slice(0, bytes));
        for (int row = 1; row < rows; row++)
            stored.Slice(0, bytes).CopyTo(stored.Slice((long)row * bytes, bytes));
        return stored;
    }
}
