using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>A short convolution between two gates: <c>y = Output · (c ⊙ conv(b ⊙ x))</c>, where <c>[b, c, x] = Input · u</c>.</summary>
/// <remarks>Source: Liquid AI, "LFM2 Technical Report", 2025, section 2 (gated short convolution).</remarks>
/// <param name="Input">To b, c and x, side by side.</param>
/// <param name="Convolution">Over the latest tokens.</param>
/// <param name="Output">Back to features.</param>
internal sealed record GatedConvolution(Linear Input, ShortConvolution Convolution, Linear Output) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Input.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Convolution.Floats);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int channels = Convolution.Channels;
        Matrix all = Input.Of(pass, x);
        for (int row = 0; row < x.Rows; row++)
        {
            Span<float> gated = all[row].Slice(2 * channels, channels);
            Lanes.Best(new Product(all[row][..channels], gated, gated));
        }

        Matrix mixed = Convolution.Apply(pass, all, 2 * channels, Number);
        for (int row = 0; row < x.Rows; row++)
            Lanes.Best(new Product(all[row].Slice(channels, channels), mixed[row], mixed[row]));
        Output.Apply(pass, mixed, y);
    }
}
