using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Formats;
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
            using var team = new Team(threads);
            Console.WriteLine($"read loop {threads} threads: {Read(team, rounds):F1} GB/s; multiply-add loop in 32-bit floats: {Peak(team, rounds):F1} GFLOP/s");
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

    private static double Peak(Team team, int rounds)
    {
        List<double> times = [];
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(new MultiplyAdding());
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return (double)MultiplyAdding.Operations * team.Size / times[times.Count / 2] / 1e9;
    }

    private static double Read(Team team, int rounds)
    {
        using var memory = new Allocation(512 << 20);
        List<double> times = [];
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(new Reading(memory));
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return memory.Length / times[times.Count / 2] / 1e9;
    }

    private readonly unsafe struct Reading(Allocation memory) : ITeamWork
    {
        public void Run(int member, int members)
        {
            long first = memory.Length / 256 * member / members * 256, end = memory.Length / 256 * (member + 1) / members * 256;
            var a = Vector512<long>.Zero;
            var b = a;
            for (byte* at = memory.Start + first; at < memory.Start + end; at += 128)
            {
                a ^= Vector512.Load((long*)at);
                b ^= Vector512.Load((long*)(at + 64));
            }

            if ((a ^ b) == Vector512.Create(1L))
                throw new InvalidOperationException("The memory was zero.");
        }
    }

    /// <summary>Multiply-adds that never leave the registers.</summary>
    private readonly struct MultiplyAdding : ITeamWork
    {
        private const int Steps = 1 << 20, Sums = 12;

        public static long Operations => 2L * Steps * Sums * Width;

        private static int Width => Vector512.IsHardwareAccelerated ? 16 : 8;

        public void Run(int member, int members)
        {
            if (Vector512.IsHardwareAccelerated ? Wide() == 1 : Narrow() == 1)
                throw new InvalidOperationException("The sums were not zero.");
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Wide()
        {
            Vector512<float> w = Vector512.Create(0.5f), x = Vector512.Create(0f);
            Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
            for (int step = 0; step < Steps; step++)
            {
                a = Vector512.FusedMultiplyAdd(w, x, a);
                b = Vector512.FusedMultiplyAdd(w, x, b);
                c = Vector512.FusedMultiplyAdd(w, x, c);
                d = Vector512.FusedMultiplyAdd(w, x, d);
                e = Vector512.FusedMultiplyAdd(w, x, e);
                f = Vector512.FusedMultiplyAdd(w, x, f);
                g = Vector512.FusedMultiplyAdd(w, x, g);
                h = Vector512.FusedMultiplyAdd(w, x, h);
                i = Vector512.FusedMultiplyAdd(w, x, i);
                j = Vector512.FusedMultiplyAdd(w, x, j);
                k = Vector512.FusedMultiplyAdd(w, x, k);
                l = Vector512.FusedMultiplyAdd(w, x, l);
            }

            return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Narrow()
        {
            Vector256<float> w = Vector256.Create(0.5f), x = Vector256.Create(0f);
            Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
            for (int step = 0; step < Steps; step++)
            {
                a = Vector256.FusedMultiplyAdd(w, x, a);
                b = Vector256.FusedMultiplyAdd(w, x, b);
                c = Vector256.FusedMultiplyAdd(w, x, c);
                d = Vector256.FusedMultiplyAdd(w, x, d);
                e = Vector256.FusedMultiplyAdd(w, x, e);
                f = Vector256.FusedMultiplyAdd(w, x, f);
                g = Vector256.FusedMultiplyAdd(w, x, g);
                h = Vector256.FusedMultiplyAdd(w, x, h);
                i = Vector256.FusedMultiplyAdd(w, x, i);
                j = Vector256.FusedMultiplyAdd(w, x, j);
                k = Vector256.FusedMultiplyAdd(w, x, k);
                l = Vector256.FusedMultiplyAdd(w, x, l);
            }

            return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        }
    }
}
