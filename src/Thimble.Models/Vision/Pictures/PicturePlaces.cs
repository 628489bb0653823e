using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>The means of squares of four; what is left over at the edges is left out.</summary>
internal sealed record PictureHalving : PictureBlock
{
    private const int Side = 2;

    /// <inheritdoc />
    public override Picture Apply(Pass pass, Picture x)
    {
        (int lines, int columns) = (x.Lines / Side, x.Columns / Side);
        var y = new Picture(pass.Scratch.Rent(lines * columns, x.Features.Columns), lines, columns);
        y.Features.Values.Clear();
        for (int row = 0; row < y.Features.Rows * Side * Side; row++)
        {
            (int square, int inside) = (row / (Side * Side), row % (Side * Side));
            int from = (((square / columns * Side) + (inside / Side)) * x.Columns) + (square % columns * Side) + (inside % Side);
            Lanes.Best(new AddScaled(x.Features[from], 1f / (Side * Side), y.Features[square]));
        }

        return y;
    }
}

/// <summary>Tells vectors where they lie by what surrounds them: <c>x + bias + taps(x)</c>.</summary>
/// <remarks>Source: Chu et al., "Conditional Positional Encodings for Vision Transformers", 2023, section 3.3.</remarks>
/// <param name="Taps">The convolution.</param>
/// <param name="Bias">Shape [features].</param>
internal sealed record PicturePlaces(PictureTaps Taps, float[] Bias) : PictureBlock
{
    /// <inheritdoc />
    public override Picture Apply(Pass pass, Picture x)
    {
        Picture y = Taps.Apply(pass, x);
        for (int row = 0; row < y.Features.Rows; row++)
        {
            Lanes.Best(new AddScaled(Bias, 1, y.Features[row]));
            Lanes.Best(new AddScaled(x.Features[row], 1, y.Features[row]));
        }

        return y;
    }
}
