using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>LFM2-VL's, and Phi 4's: squares of neighbouring patches side by side, a norm where the file has one, and two products with GELU
/// between. A picture keeps its proportions, over which learned positions are stretched.</summary>
/// <remarks>Source: Liquid AI, "LFM2 Technical Report", 2025, section 5; Abdin et al., "Phi-4-Mini Technical Report", 2025, section 2.2.</remarks>
/// <param name="Products">To the text model's features.</param>
/// <param name="Side">Patches of a square's side.</param>
internal sealed record LfmProjector(SquareProducts Products, int Side) : Projector
{
    private const int LeastRows = 64, MostRows = 256, Tile = 512;   // LFM2-VL's processor

    /// <inheritdoc />
    public override int Outputs => Products.Second.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Products.First.Weights, .. Products.Second.Weights];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns) => Products.Of(pass, Squares(pass, x, lines, columns, Side));

    [ModuleInitializer]
    internal static void Register()
    {
        Projectors.Add("lfm2", parts =>
        {
            int side = parts.Count("projector.scale_factor", 2), unit = side * parts.Patch;
            if (Tile % unit != 0)
                throw parts.From.Wrong("vision.projector.scale_factor", side, $"one whose square of patches of {parts.Patch} pixels fits {Tile} pixels");
            return Build(parts, side, ("mm.1", "mm.2"), new LfmPreparation(Tile, new(unit, LeastRows * unit * unit, MostRows * unit * unit, Resampling.Bilinear))) with
            {
                Begin = "<|image_start|>",
                End = "<|image_end|>",
            };
        });
        Projectors.Add("phi4", parts => Build(parts, 1, ("mm.0", "mm.2"), new DynamicPreparation(
            parts.Patch, parts.From.Count("vision.image_min_pixels"), parts.From.Count("vision.image_max_pixels"), Resampling.Bilinear)));
    }

    private static VisionTower Build(VisionParts parts, int side, (string First, string Second) names, Preparation preparation)
    {
        int together = side * side * parts.Width;
        Norm? norm = parts.From.FindVector("mm.input_norm.weight", together) is { } gain
            ? new(gain, 1e-5f, Centred: true, parts.From.FindVector("mm.input_norm.bias", together))
            : null;
        Linear first = parts.From.Linear(names.First, 0, together);
        (Weight positions, PositionStretch stretch) = parts.Stretched(corners: false);
        return new(parts.Patches(), parts.Stack(parts.Layers), new LfmProjector(new(norm, first, parts.From.Linear(names.Second, 0, first.Outputs)), side), preparation)
        {
            Positions = positions,
            Stretch = stretch,
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
        };
    }
}
