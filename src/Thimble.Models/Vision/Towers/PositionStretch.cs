using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Vision;

/// <summary>Learned positions of a square of patches, stretched over views of other sizes: a patch has a mixture of those that lie near it.</summary>
/// <remarks>Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, section 3.2; mixed linearly, as Tschannen et al., "SigLIP 2", 2025, do.</remarks>
/// <param name="Side">Patches of the square's side.</param>
/// <param name="Corners">Whether corners lie on corners; else edges lie on edges, and where a view has fewer patches than the square, all that
/// fall on a patch count.</param>
internal sealed record PositionStretch(int Side, bool Corners)
{
    /// <summary>Adds their positions to patches.</summary>
    /// <param name="positions">Shape [side · side, features].</param>
    /// <param name="places">Where the patches lie.</param>
    /// <param name="lines">Lines of the view.</param>
    /// <param name="columns">Patches of a line.</param>
    /// <param name="position">Room for one, shape [features].</param>
    /// <param name="x">Shape [places, features], in place.</param>
    public void Add(Weight positions, ReadOnlySpan<(int Height, int Width)> places, int lines, int columns, Span<float> position, Matrix x)
    {
        Share[][] down = [.. Enumerable.Range(0, lines).Select(line => Along(line, lines))];
        Share[][] across = [.. Enumerable.Range(0, columns).Select(column => Along(column, columns))];
        for (int row = 0; row < x.Rows; row++)
        {
            foreach (Share line in down[places[row].Height])
            {
                foreach (Share column in across[places[row].Width])
                {
                    positions.Decode((line.Of * Side) + column.Of, position);
                    Lanes.Best(new AddScaled(position, line.Part * column.Part, x[row]));
                }
            }
        }
    }

    /// <summary>What the patches of the square's side have of a patch of a view, together 1.</summary>
    /// <param name="index">The patch.</param>
    /// <param name="count">Patches of the view's side.</param>
    public Share[] Along(int index, int count)
    {
        if (Corners)
        {
            float at = index / (count > 1 && Side > 1 ? (float)(count - 1) / (Side - 1) : (float)count / Side);
            int near = Math.Clamp((int)at, 0, Side - 1);
            float beyond = near == Side - 1 ? 0 : at - near;
            return beyond == 0 ? [new(near, 1)] : [new(near, 1 - beyond), new(near + 1, beyond)];
        }

        float scale = (float)count / Side, reach = MathF.Max(1, 1 / scale), centre = (index + 0.5f) / scale;
        int first = Math.Max((int)(centre - reach + 0.5f), 0), end = Math.Min((int)(centre + reach + 0.5f), Side);
        Share[] shares = [.. Enumerable.Range(first, end - first).Select(i => new Share(i, MathF.Max(0, 1 - MathF.Abs((i - centre + 0.5f) / reach))))];
        float sum = shares.Sum(share => share.Part);
        return [.. shares.Where(share => share.Part > 0).Select(share => share with { Part = share.Part / sum })];
    }

    /// <summary>What a patch of the square has of one of a view.</summary>
    /// <param name="Of">The square's.</param>
    /// <param name="Part">How much of it.</param>
    public readonly record struct Share(int Of, float Part);
}
