using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>A convolution of each feature by itself with a square of nine; beyond the picture lie zeros.</summary>
/// <param name="Taps">Shape [9, features], line after line.</param>
/// <param name="Stride">Steps of the square.</param>
internal sealed record PictureTaps(float[] Taps, int Stride) : PictureBlock
{
    private const int Side = 3;

    /// <summary>One that a file holds feature by feature.</summary>
    /// <param name="parts">The file.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="width">Features.</param>
    /// <param name="stride">Steps of the square.</param>
    public static PictureTaps Read(VisionParts parts, string name, int width, int stride)
    {
        float[] stored = parts.From.Vector(name, width * Side * Side), taps = new float[stored.Length];
        for (int i = 0; i < stored.Length; i++)
            taps[(i % (Side * Side) * width) + (i / (Side * Side))] = stored[i];
        return new(taps, stride);
    }

    /// <inheritdoc />
    public override Picture Apply(Pass pass, Picture x)
    {
        int lines = ((x.Lines - 1) / Stride) + 1, columns = ((x.Columns - 1) / Stride) + 1;
        var y = new Picture(pass.Scratch.Rent(lines * columns, x.Features.Columns), lines, columns);
        for (int row = 0; row < y.Features.Rows; row++)
            Sum(x, row / columns * Stride, row % columns * Stride, y.Features[row]);
        return y;
    }

    private void Sum(Picture x, int line, int column, Span<float> y)
    {
        y.Clear();
        for (int tap = 0; tap < Side * Side; tap++)
        {
            (int at, int beside) = (line - 1 + (tap / Side), column - 1 + (tap % Side));
            if (at < 0 || at >= x.Lines || beside < 0 || beside >= x.Columns)
                continue;
            ReadOnlySpan<float> from = x.Features[(at * x.Columns) + beside], weight = Taps.AsSpan(tap * y.Length, y.Length);
            for (int i = 0; i < y.Length; i++)
                y[i] += weight[i] * from[i];
        }
    }
}
