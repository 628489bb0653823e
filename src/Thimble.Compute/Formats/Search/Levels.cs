using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>How values find their nearest level.</summary>
internal static class Levels
{
    /// <summary>The nearest whole number within bounds.</summary>
    /// <remarks>Values are numbers: no care is taken for others, which would cost as much again.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Whole(Vector256<float> values, float lowest, float highest) =>
        Vector256.MinNative(Vector256.MaxNative(Vector256.Round(values), Vector256.Create(lowest)), Vector256.Create(highest));

    /// <summary>The nearest of rising, unevenly spaced levels.</summary>
    /// <param name="values">Values.</param>
    /// <param name="lowest">The lowest level.</param>
    /// <param name="midpoints">Where a value passes from one level to the next.</param>
    /// <param name="rises">By how much each next level is higher.</param>
    /// <remarks>Climbs one stair for each midpoint passed: no gather, so every machine does it at full width.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Stairs(Vector256<float> values, float lowest, ReadOnlySpan<float> midpoints, ReadOnlySpan<float> rises)
    {
        var level = Vector256.Create(lowest);
        for (int i = 0; i < midpoints.Length; i++)
            level += Vector256.GreaterThan(values, Vector256.Create(midpoints[i])) & Vector256.Create(rises[i]);
        return level;
    }
}
