using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Rotary positions: the i-th pair of a head turns by <c>position · Frequencies[i]</c>.</summary>
/// <remarks>Source: Su et al., "RoFormer", 2021, section 3.2.</remarks>
/// <param name="Frequencies">Radians per token, shape [pairs].</param>
/// <param name="Adjacent">Whether a pair is two neighbours, or one value of each half.</param>
/// <param name="Magnitude">Factor on the rotated values (YaRN's attention factor).</param>
internal sealed record Rope(double[] Frequencies, bool Adjacent, float Magnitude = 1)
{
    /// <summary>The axis whose position turns each pair (<see cref="Pass.Position"/>), shape [pairs]; null for time alone.</summary>
    public int[]? Axes { get; init; }

    /// <summary>The plain frequencies <c>base^(−2i/dimensions)</c>.</summary>
    public static double[] Plain(int dimensions, double frequencyBase) =>
        [.. Enumerable.Range(0, dimensions / 2).Select(i => Math.Pow(frequencyBase, -2.0 * i / dimensions))];

    /// <summary>The angles of a run, made once for all layers.</summary>
    /// <returns>Cosines, then sines, shape [rows, 2 · pairs].</returns>
    public Matrix Angles(Pass pass)
    {
        int pairs = Frequencies.Length;
        Matrix angles = pass.Shared(this, pass.Rows, 2 * pairs, out bool made);
        if (!made)
            return angles;

        for (int row = 0; row < pass.Rows; row++)
        {
            Span<float> y = angles[row];
            for (int i = 0; i < pairs; i++)
            {
                (double sine, double cosine) = Math.SinCos((Axes is null ? pass.Positions[row] : pass.Position(row, Axes[i])) * Frequencies[i]);
                y[i] = (float)cosine * Magnitude;
                y[pairs + i] = (float)sine * Magnitude;
            }
        }

        return angles;
    }

    /// <summary>Turns every head of one token.</summary>
    /// <param name="heads">Shape [heads · size], in place.</param>
    /// <param name="size">Floats of a head, at least twice the pairs.</param>
    /// <param name="angles">The token's row of <see cref="Angles"/>.</param>
    public void Rotate(Span<float> heads, int size, ReadOnlySpan<float> angles)
    {
        int pairs = Frequencies.Length;
        for (int at = 0; at < heads.Length; at += size)
            Lanes.Best(new Rotation(heads.Slice(at, size), angles[..pairs], angles[pairs..], Adjacent));
    }
}
