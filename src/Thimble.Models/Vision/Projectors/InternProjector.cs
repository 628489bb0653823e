using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>InternVL's: squares of neighbouring patches side by side, a norm, and two products with GELU between. A picture larger than a view is
/// cut into as many as suit its proportions, and the whole stands behind them.</summary>
/// <remarks>Source: Chen et al., "How Far Are We to GPT-4V?", 2024, section 3.</remarks>
/// <param name="Products">To the text model's features.</param>
/// <param name="Side">Patches of a square's side.</param>
internal sealed record InternProjector(SquareProducts Products, int Side) : Projector
{
    private const int MostTiles = 12;
    private const int WidestWidth = 3200, WidestLayers = 45;   // the tower of six billion weights, whose norms take off no mean

    /// <inheritdoc />
    public override int Outputs => Products.Second.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Products.First.Weights, .. Products.Second.Weights];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns) => Products.Of(pass, Squares(pass, x, lines, columns, Side));

    [ModuleInitializer]
    internal static void Register() => Projectors.Add("internvl", Build);

    private static VisionTower Build(VisionParts parts)
    {
        int side = parts.Count("projector.scale_factor", 2), together = side * side * parts.Width;
        parts = parts with { Centred = (parts.Width, parts.Layers) != (WidestWidth, WidestLayers) };
        var norm = new Norm(parts.From.Vector("mm.model.mlp.0.weight", together), 1e-5f, Centred: true, parts.From.FindVector("mm.model.mlp.0.bias", together));
        Linear first = parts.From.Linear("mm.model.mlp.1", 0, together);
        return new(
            parts.Patches(), parts.Stack(parts.Layers), new InternProjector(new(norm, first, parts.From.Linear("mm.model.mlp.3", 0, first.Outputs)), side),
            new TilePreparation(parts.Size, [.. Grids(parts)], default) { WholeLast = true })
        {
            Class = parts.From.Vector("v.class_embd", parts.Width),
            Positions = parts.From.Weight("v.position_embd.weight", columns: parts.Width),
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            Begin = "<img>",
            End = "</img>",
        };
    }

    private static IEnumerable<(int Width, int Height)> Grids(VisionParts parts)
    {
        int least = parts.Count("preproc_min_tiles", 1), most = parts.Count("preproc_max_tiles", MostTiles), size = parts.Size;
        if (least > most || most > 64)
            throw parts.From.Wrong("vision.preproc_max_tiles", most, $"{least} to 64");
        return from across in Enumerable.Range(1, most)
               from down in Enumerable.Range(1, most)
               where across * down >= least && across * down <= most
               select (across * size, down * size);
    }
}
