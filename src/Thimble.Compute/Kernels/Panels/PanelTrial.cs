using System.Diagnostics;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Times the ways in which panels meet tokens, on some of a weight's own panels.</summary>
internal static class PanelTrial
{
    private const int Least = 1 << 20;   // weights below which measuring takes longer than a wrong choice would ever cost
    private const int Panels = 24;   // 384 rows: enough to leave the nearest caches, few enough to take a few milliseconds

    private static readonly Dataflow s_flow = new();
    private static readonly int[] s_tokens = [2, 3, 4, 6, 8, 12, 16, 32, 64];

    /// <summary>From which numbers of tokens on four at a time, and then a tile, are the fastest; measured when the shape is first met.</summary>
    /// <remarks>Small shapes take a tile from two tokens on, unmeasured: a short prompt should not wait for a measurement.</remarks>
    public static Crossings Crossings(PanelMultiplier multiplier, string format, int rows, int columns) => (long)rows * columns < Least
        ? new(2, 2)
        : s_flow.Cross(new(format, rows, columns, 1), s_tokens, (way, tokens) => Seconds(multiplier, columns, (PanelWay)way, tokens));

    private static double Seconds(PanelMultiplier multiplier, int columns, PanelWay way, int tokens)
    {
        using var scratch = new Arena();
        using var alone = new Team(1);
        int panels = Math.Min(Panels, multiplier.Panels);
        Matrix x = scratch.Rent(tokens, columns), y = scratch.Rent(tokens, panels * PanelShape.Rows);
        for (int i = 0; i < x.Values.Length; i++)
            x.Values[i] = (i % 17) - 8;
        var ready = Activations.Of(x, true, scratch, alone);
        long start = Stopwatch.GetTimestamp();
        multiplier.Multiply(in ready, y, 0, 0, panels, way);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
