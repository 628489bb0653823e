using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>From pixels to a vector for every square patch: a product of the patch's normalised pixels.</summary>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="Products">What a still picture's pixels are multiplied with, the outcomes added; each of shape [features, 3 · side · side].</param>
/// <param name="Mean">Taken from red, green and blue in [0, 1].</param>
/// <param name="Deviation">What they are divided by then.</param>
internal sealed record PatchEmbedding(int Side, Linear[] Products, float[] Mean, float[] Deviation)
{
    /// <summary>The weights it multiplies with.</summary>
    public IEnumerable<Weight> Weights => Products.SelectMany(product => product.Weights);

    /// <summary>The vectors of a view.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="view">Its sides are multiples of a patch's.</param>
    /// <param name="places">Which patches, in which order.</param>
    /// <returns>Shape [places, features].</returns>
    public Matrix Apply(Pass pass, Image view, ReadOnlySpan<(int Height, int Width)> places)
    {
        Matrix x = pass.Scratch.Rent(places.Length, Products[0].Outputs);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix pixels = pass.Scratch.Rent(places.Length, 3 * Side * Side);
        for (int i = 0; i < places.Length; i++)
            Take(view, places[i], pixels[i]);
        Products[0].Apply(pass, pixels, x);
        foreach (Linear further in Products.AsSpan(1))
            Lanes.Best(new AddScaled(further.Of(pass, pixels).Values, 1, x.Values));
        return x;
    }

    private void Take(Image view, (int Height, int Width) place, Span<float> pixels)
    {
        int plane = Side * Side;
        for (int y = 0; y < Side; y++)
        {
            Span<byte> line = view[(place.Height * Side) + y].Slice(3 * place.Width * Side, 3 * Side);
            for (int i = 0; i < line.Length; i++)
            {
                int colour = i % 3;
                pixels[(colour * plane) + (y * Side) + (i / 3)] = ((line[i] / 255f) - Mean[colour]) / Deviation[colour];
            }
        }
    }
}
