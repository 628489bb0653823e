using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>Idefics 3's and SmolVLM's: squares of neighbouring patches side by side (pixel shuffle), then one product.</summary>
/// <remarks>Source: Laurençon et al., "Building and better understanding vision-language models", 2024, section 3.</remarks>
/// <param name="Product">The product.</param>
/// <param name="Side">Patches of a square's side.</param>
internal sealed record Idefics3Projector(Linear Product, int Side) : Projector
{
    /// <inheritdoc />
    public override int Outputs => Product.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => Product.Weights;

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns) => Product.Of(pass, Squares(pass, x, lines, columns, Side));

    [ModuleInitializer]
    internal static void Register() => Projectors.Add("idefics3", Build);

    private static VisionTower Build(VisionParts parts)
    {
        int side = parts.Count("projector.scale_factor", 1), longest = parts.Count("preproc_image_size", 4 * parts.Size);
        if (longest > 16 * parts.Size)
            throw parts.From.Wrong("vision.preproc_image_size", longest, $"at most {16 * parts.Size}, sixteen views");
        return new(
            parts.Patches(), parts.Stack(parts.Layers), new Idefics3Projector(parts.From.Linear("mm.model.fc", 0, side * side * parts.Width), side),
            new SplitPreparation(parts.Size, longest))
        {
            Positions = parts.From.Weight("v.position_embd.weight", columns: parts.Width),
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
        };
    }
}
