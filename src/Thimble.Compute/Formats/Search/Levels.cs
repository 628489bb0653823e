using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>How values find their nearest level.</summary>
internal static class Levels
{
    /// <summary>The nearest whole number within bounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Whole(Vector256<float> values, float lowest, float highest) =>
        Vector256.Min(Vector256.Max(Vector256.Round(values), Vector256.Create(lowest)), Vector256.Create(highest));

    /// <summary>The nearest of rising, unevenly spaced levels.</summary>
    /// <remarks>Climbs one stair for each midpoint passed: no gather, so every machine does it at full width.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Stairs(Vector256<float> values, ReadOnlySpan<float> levels)
    {
        var level = Vector256.Create(levels[0]);
        for (int i = 1; i < levels.Length; i++)
        {
            var passed = Vector256.GreaterThan(values, Vector256.Create((levels[i] + levels[i - 1]) / 2));
            level += passed & Vector256.Create(levels[i] - levels[i - 1]);
        }

        return level;
    }
}
