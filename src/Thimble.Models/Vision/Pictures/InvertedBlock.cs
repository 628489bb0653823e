using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>A convolution of each feature by itself, a gate for each feature drawn from the whole picture, and a product.</summary>
/// <remarks>Source: Howard et al., "Searching for MobileNetV3", 2019, section 5; Hu et al., "Squeeze-and-Excitation Networks", 2018, section 3.</remarks>
/// <param name="Taps">The convolution.</param>
/// <param name="First">Normalises what it gives.</param>
/// <param name="Squeeze">Of the picture's mean.</param>
/// <param name="Excite">Behind ReLU, to a gate for each feature.</param>
/// <param name="Mix">Of gated vectors.</param>
/// <param name="Last">Normalises its outcome.</param>
/// <param name="Adds">Whether that is added to the picture or takes its place.</param>
internal sealed record InvertedBlock(PictureTaps Taps, Norm First, Linear Squeeze, Linear Excite, Linear Mix, Norm Last, bool Adds) : PictureBlock
{
    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Squeeze.Weights, .. Excite.Weights, .. Mix.Weights];

    /// <inheritdoc />
    public override Picture Apply(Pass pass, Picture x)
    {
        Picture convolved = Taps.Apply(pass, x);
        Matrix h = convolved.Features;
        First.Apply(pass, h, h);
        foreach (ref float value in h.Values)
            value *= Share(value);
        Gate(pass, h);
        Matrix y = Mix.Of(pass, h);
        Last.Apply(pass, y, y);
        for (int row = 0; Adds && row < y.Rows; row++)
            Lanes.Best(new AddScaled(x.Features[row], 1, y[row]));
        return new(y, convolved.Lines, convolved.Columns);
    }

    private void Gate(Pass pass, Matrix h)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix mean = pass.Scratch.Rent(1, h.Columns);
        mean.Values.Clear();
        for (int row = 0; row < h.Rows; row++)
            Lanes.Best(new AddScaled(h[row], 1f / h.Rows, mean[0]));
        Matrix squeezed = Squeeze.Of(pass, mean);
        Nonlinearity.Relu.Apply(squeezed.Values);
        Matrix gate = Excite.Of(pass, squeezed);
        foreach (ref float value in gate.Values)
            value = Share(value);
        for (int row = 0; row < h.Rows; row++)
            Lanes.Best(new Product(h[row], gate[0], h[row]));
    }

    /// <summary>The hard sigmoid, which turns the hard swish: <c>min(1, max(0, (x + 3) / 6))</c>.</summary>
    private static float Share(float x) => Math.Clamp((x + 3) / 6, 0, 1);
}
