using System.Diagnostics;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>A rival and the first offer, each with some rows of a weight packed, to be timed.</summary>
/// <remarks>A way's time is that of one token and of one among several, added: as many tokens read as written. A weight keeps one
/// packing for all numbers of tokens, so both count.</remarks>
internal sealed class Trial : ITrial
{
    private const int Weights = 1 << 20;   // about what is packed and multiplied of one shape: a few milliseconds in all
    private const int Tokens = 4;

    private readonly Multiplier[] _ways;
    private readonly Team _alone = new(1);
    private readonly Arena _scratch = new();
    private readonly int _rows, _columns;

    private Trial(Multiplier[] ways, int rows, int columns) => (_ways, _rows, _columns) = (ways, rows, columns);

    public int Ways => _ways.Length;

    /// <summary>Packs some rows of a weight in two ways, or in one if there is no other offer.</summary>
    public static Trial Of(Weight weight, Team team, Func<Weight, Team, Multiplier> rival)
    {
        int rows = Math.Min(weight.Rows, Math.Max(1, Weights / weight.Columns / TableShape.Rows) * TableShape.Rows);
        using var sample = new Weight(
            weight.Name, weight.Format, rows, weight.Columns, weight.Blocks.Part(0, (long)rows * weight.RowBytes), new(Precision.Bytes));
        Multiplier? offered = Multipliers.Offered(sample, team);
        return new(offered is null ? [rival(sample, team)] : [rival(sample, team), offered], rows, weight.Columns);
    }

    public double Seconds(int way) => _ways.Length == 1 ? 0 : Seconds(way, 1) + (Seconds(way, Tokens) / Tokens);

    public void Dispose()
    {
        foreach (Multiplier way in _ways)
            way.Dispose();
        _scratch.Dispose();
        _alone.Dispose();
    }

    private double Seconds(int way, int tokens)
    {
        using Arena.Scope _ = _scratch.Mark();
        Matrix x = _scratch.Rent(tokens, _columns), y = _scratch.Rent(tokens, _rows);
        for (int i = 0; i < x.Values.Length; i++)
            x.Values[i] = (i % 17) - 8;
        var ready = Activations.Of(x, true, _scratch, _alone);
        long start = Stopwatch.GetTimestamp();

        // Panels would measure first which of their ways is the fastest, and that takes longer than all of this.
        if (tokens > 1 && _ways[way] is PanelMultiplier panels)
            panels.Multiply(in ready, y, 0, 0, panels.Panels, PanelWay.Fours);
        else
            _ways[way].Multiply(in ready, y, 0, 0, 1);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
