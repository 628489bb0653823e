using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>MobileVLM's: two products with GELU between, then blocks that convolve the patches' features as pictures, each by itself; what
/// stands in the text has half the lines and half the columns.</summary>
/// <remarks>Source: Chu et al., "MobileVLM", 2023, section 3.3 (LDP), and "MobileVLM V2", 2024, section 3.2 (LDPv2); the blocks are
/// Howard et al., "Searching for MobileNetV3", 2019, section 5.</remarks>
/// <param name="Products">To the text model's features.</param>
/// <param name="Blocks">What follows, in order.</param>
internal sealed record LdpProjector(SquareProducts Products, PictureBlock[] Blocks) : Projector
{
    /// <inheritdoc />
    public override int Outputs => Products.Second.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
        [.. Products.First.Weights, .. Products.Second.Weights, .. Blocks.SelectMany(block => block.Weights)];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        var picture = new Picture(Products.Of(pass, x), lines, columns);
        foreach (PictureBlock block in Blocks)
            picture = block.Apply(pass, picture);
        return picture.Features;
    }

    [ModuleInitializer]
    internal static void Register()
    {
        Projectors.Add("ldp", parts =>
        {
            SquareProducts products = Pair(parts, 1, 3);
            return LlavaProjector.Build(parts, parts.Layers - 1, [], new LdpProjector(
                products, [Block(parts, 1, products.Second.Outputs, 1, adds: true), Block(parts, 2, products.Second.Outputs, 2, adds: false)]));
        });
        Projectors.Add("ldpv2", parts =>
        {
            SquareProducts products = Pair(parts, 0, 2);
            int width = products.Second.Outputs;
            var places = new PicturePlaces(PictureTaps.Read(parts, "mm.model.peg.0.weight", width, 1), parts.From.Vector("mm.model.peg.0.bias", width));
            return LlavaProjector.Build(parts, parts.Layers - 1, [], new LdpProjector(products, [new PictureHalving(), places]));
        });
    }

    private static SquareProducts Pair(VisionParts parts, int first, int second)
    {
        Linear inner = parts.From.Linear($"mm.model.mlp.{first}", 0, parts.Width);
        return new(null, inner, parts.From.Linear($"mm.model.mlp.{second}", 0, inner.Outputs));
    }

    private static InvertedBlock Block(VisionParts parts, int number, int width, int stride, bool adds)
    {
        string at = $"mm.model.mb_block.{number}.block.";
        Linear squeeze = parts.From.Linear(at + "1.fc1", 0, width);
        return new(
            PictureTaps.Read(parts, at + "0.0.weight", width, stride), parts.Norm(at + "0.1"), squeeze,
            parts.From.Linear(at + "1.fc2", width, squeeze.Outputs), parts.From.Linear(at + "2.0", width, width), parts.Norm(at + "2.1"), adds);
    }
}
