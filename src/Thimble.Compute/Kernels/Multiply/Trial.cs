using System.Diagnostics;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>A rival and the first offer, each with some rows of a weight packed, to be timed.</summary>
/// <remarks>A way's time is that of one token and of one among several, added: as many tokens read as written. A weight keeps one
/// packing for all numbers of tokens, so both count.</remarks>
internal sealed class Trial : ITrial
{
    private const int Rows = 1024, Tokens = 8;

    private readonly Multiplier[] _ways;
    private readonly Team _team;
    private readonly Arena _scratch = new();
    private readonly int _rows, _columns;

    private Trial(Multiplier[] ways, int rows, int columns, Team team) => (_ways, _rows, _columns, _team) = (ways, rows, columns, team);

    public int Ways => _ways.Length;

    /// <summary>Packs some rows of a weight in two ways, or in one if there is no other offer.</summary>
    public static Trial Of(Weight weight, Team team, Func<Weight, Team, Multiplier> rival)
    {
        int rows = Math.Min(weight.Rows, Rows);
        using var sample = new Weight(
            weight.Name, weight.Format, rows, weight.Columns, weight.Blocks.Part(0, (long)rows * weight.RowBytes), new(Precision.Bytes));
        Multiplier? offered = Multipliers.Offered(sample, team);
        return new(offered is null ? [rival(sample, team)] : [rival(sample, team), offered], rows, weight.Columns, team);
    }

    public double Seconds(int way) => _ways.Length == 1 ? 0 : Seconds(way, 1) + (Seconds(way, Tokens) / Tokens);

    public void Dispose()
    {
        foreach (Multiplier way in _ways)
            way.Dispose();
        _scratch.Dispose();
    }

    private double Seconds(int way, int tokens)
    {
        using Arena.Scope _ = _scratch.Mark();
        Matrix x = _scratch.Rent(tokens, _columns), y = _scratch.Rent(tokens, _rows);
        for (int i = 0; i < x.Values.Length; i++)
            x.Values[i] = (i % 17) - 8;
        var ready = Activations.Of(x, true, _scratch, _team);
        long start = Stopwatch.GetTimestamp();
        _ways[way].Multiply(in ready, y, 0, _team);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
