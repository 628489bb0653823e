using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Planning;

/// <summary>Measures what kernels compute while their operands lie near.</summary>
/// <param name="team">Who computes.</param>
/// <param name="repetition">How often.</param>
/// <param name="options">Which formats.</param>
/// <param name="tell">Told what is measured now.</param>
internal sealed class KernelProbe(Team team, Repetition repetition, ProfileOptions options, Action<string> tell)
{
    private const int Columns = 2048, RowsEach = 256, Heads = 8, HeadSize = 64, Past = 1024;
    private const double LeastSeconds = 2e-3;

    private static readonly int[] s_tokens = [1, 4, 16, 64, 256];

    /// <summary>Measures all of them.</summary>
    public IEnumerable<KernelRate> Run()
    {
        foreach (string name in options.Formats)
        {
            tell($"multiplying with {name}, {team.Size} threads");
            using var memory = new Allocation(RowsEach * team.Size * BlockFormats.Named(name).RowBytes(Columns));
            using Weight weight = Made(name, memory);
            using var scratch = new Arena();
            foreach (int tokens in s_tokens)
                yield return Of(name, tokens, () => Product(weight, tokens, scratch));
        }

        tell($"attending, {team.Size} threads");
        using var pass = new Pass(team);
        foreach (int tokens in s_tokens)
            yield return Of(Operation.Attention, tokens, () => Attention(pass, tokens));
        tell($"norms and functions, {team.Size} threads");
        foreach (int tokens in s_tokens)
        {
            yield return Of(Operation.Norm, tokens, () => Norm(pass, tokens));
            yield return Of(Operation.Map, tokens, () => Map(pass, tokens));
        }
    }

    private KernelRate Of(string kernel, int tokens, Func<double> measure) =>
        new(kernel, team.Size, tokens, repetition.Rate($"{kernel}, {tokens} tokens, {team.Size} threads", measure));

    /// <summary>A weight of rows that repeat: to search for good scales of a million numbers would take longer than all the rest.</summary>
    private Weight Made(string name, Allocation memory)
    {
        var format = BlockFormats.Named(name);
        var random = new Random(1);
        float[] row = [.. Enumerable.Range(0, Columns).Select(_ => (float)(random.NextDouble() - 0.5))];
        int bytes = (int)format.RowBytes(Columns), rows = RowsEach * team.Size;
        format.Encode(row, [], memory.Slice(0, bytes));
        for (int i = 1; i < rows; i++)
            memory.Slice(0, bytes).CopyTo(memory.Slice((long)i * bytes, bytes));
        return new("probe", format, rows, Columns, memory.Region, new(Precision.Bytes, team));
    }

    private double Product(Weight weight, int tokens, Arena scratch)
    {
        using Arena.Scope _ = scratch.Mark();
        Matrix x = scratch.Rent(tokens, Columns), y = scratch.Rent(tokens, weight.Rows);
        Fill(x.Values);
        var ready = Activations.Of(x, weight.TakesBytes, scratch, team);
        weight.Multiply(in ready, y, team);
        int times = 0;
        long start = Stopwatch.GetTimestamp();
        for (; times < 4 || Stopwatch.GetElapsedTime(start).TotalSeconds < LeastSeconds; times++)
            weight.Multiply(in ready, y, team);
        return 2.0 * times * tokens * weight.Rows * Columns / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Attention(Pass pass, int tokens)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        var keys = new HeadShape(Heads, HeadSize, HeadSize);
        using var pool = new StatePool([StateShape.Attention(Heads, HeadSize, HeadSize)], Past + tokens, CellFormat.Named("F16"));
        using var state = new SequenceState(pool);
        float[] row = new float[Heads * HeadSize];
        Fill(row);
        state.Reserve(Past);
        for (int i = 0; i < Past; i++)
            state.Write(0, i, row, row);
        state.Advance(Past);
        pass.Clear();
        pass.Add(state, new int[tokens], 1);
        for (int i = 0; i < tokens; i++)
            state.Write(0, Past + i, row, row);
        Matrix queries = pass.Scratch.Rent(tokens, Heads * HeadSize), mixed = pass.Scratch.Rent(tokens, Heads * HeadSize);
        Fill(queries.Values);
        var rule = new AttentionRule(0.125f);
        int times = 0;
        long start = Stopwatch.GetTimestamp();
        for (; times < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < LeastSeconds; times++)
            AttentionWork.Run(0, 0, Heads, keys, rule, pass, queries, mixed);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var demands = new Demands(new RunShape(1, tokens, Past), CellFormat.Named("F16"));
        demands.Attention("probe", Heads, keys, rule);
        return times * demands.All[0].Operations / seconds;
    }

    private static double Norm(Pass pass, int tokens)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix x = pass.Scratch.Rent(tokens, Columns), y = pass.Scratch.Rent(tokens, Columns);
        Fill(x.Values);
        var norm = new Norm(new float[Columns], 1e-5f);
        var demands = new Demands(new RunShape(1, tokens, 0), CellFormat.Named("F16"));
        demands.Norm("probe", norm, Columns);
        int times = 0;
        long start = Stopwatch.GetTimestamp();
        for (; times < 4 || Stopwatch.GetElapsedTime(start).TotalSeconds < LeastSeconds / 4; times++)
            norm.Apply(pass, x, y);
        return times * demands.All[0].Operations / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Map(Pass pass, int tokens)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix x = pass.Scratch.Rent(tokens, Columns), y = pass.Scratch.Rent(tokens, Columns / 2);
        Fill(x.Values);
        int times = 0;
        long start = Stopwatch.GetTimestamp();
        for (; times < 4 || Stopwatch.GetElapsedTime(start).TotalSeconds < LeastSeconds / 4; times++)
            RowWork.Run(pass.Team, tokens, Columns, new GateRows(Nonlinearity.Silu, x, y));
        return (FeedForward.FunctionOperations + 1.0) * times * tokens * Columns / 2 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = ((i % 17) - 8) / 8f;
    }
}
