using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>LLaVA's: products with GELU between, and norms in Yi's line. The tower's last layer is left out, as it is trained.</summary>
/// <remarks>Source: Liu et al., "Visual Instruction Tuning", 2023, section 4.1, and "Improved Baselines", 2024, section 3.2.</remarks>
/// <param name="First">To the text model's features.</param>
/// <param name="Middle">Normalises them; null for no norm.</param>
/// <param name="Second">Behind GELU; null for none.</param>
/// <param name="Last">Normalises the outcome; null for no norm.</param>
internal sealed record LlavaProjector(Linear First, Norm? Middle, Linear? Second, Norm? Last) : Projector
{
    private static readonly (byte, byte, byte) s_ground = (122, 116, 104);

    /// <inheritdoc />
    public override int Outputs => Second?.Outputs ?? First.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. First.Weights, .. Second?.Weights ?? []];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        Matrix y = First.Of(pass, x);
        Middle?.Apply(pass, y, y);
        Nonlinearity.Gelu.Apply(y.Values);
        if (Second is not null)
            y = Second.Of(pass, y);
        Last?.Apply(pass, y, y);
        return y;
    }

    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["mlp", "mlp_norm"])
            Projectors.Add(name, Build);
    }

    private static VisionTower Build(VisionParts parts)
    {
        int[] features = [.. (parts.From.File.Metadata.FindArray("clip.vision.feature_layer")?.Integers() ?? []).Select(layer => checked((int)layer))];
        if (features.Any(layer => layer < 0 || layer > parts.Layers))
            throw parts.From.Wrong("vision.feature_layer", $"[{string.Join(", ", features)}]", $"layers from 0 to {parts.Layers}");
        int layers = features.Length > 0 ? features.Max() : parts.Layers - 1;
        Linear first = parts.From.Linear("mm.0", 0, parts.Width * Math.Max(1, features.Length));
        bool norms = parts.From.Has("mm.3.weight");
        return Build(parts, layers, features, new LlavaProjector(
            first, norms ? parts.Norm("mm.1") : null, parts.From.FindLinear(norms ? "mm.3" : "mm.2", 0, first.Outputs), norms ? parts.Norm("mm.4") : null));
    }

    /// <summary>CLIP's tower, and what a projector makes of the outcome of some layer.</summary>
    /// <param name="parts">The file.</param>
    /// <param name="layers">How many of its layers run.</param>
    /// <param name="features">The layers whose inputs are handed on; empty for the outcome of the last.</param>
    /// <param name="projector">The projector.</param>
    internal static VisionTower Build(VisionParts parts, int layers, int[] features, Projector projector) =>
        new(parts.Patches(), parts.Stack(layers), projector, Preparation(parts))
        {
            Class = parts.From.FindVector("v.class_embd", parts.Width),
            Positions = parts.From.Weight("v.position_embd.weight", columns: parts.Width),
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            Features = features,
        };

    private static Preparation Preparation(VisionParts parts)
    {
        const string key = "vision.image_grid_pinpoints";
        long[] sides = parts.From.File.Metadata.FindArray("clip." + key)?.Integers() ?? [];
        if (sides.Length == 0)
            return new SquarePreparation(parts.Size, Resampling.Bicubic, s_ground);
        return sides.Length % 2 == 0 && sides.All(side => side > 0 && side % parts.Size == 0 && side <= 16L * parts.Size)
            ? new TilePreparation(parts.Size, [.. sides.Chunk(2).Select(pair => ((int)pair[0], (int)pair[1]))], default)
            : throw parts.From.Wrong(key, $"[{string.Join(", ", sides)}]", $"pairs of multiples of {parts.Size}, at most sixteen times that");
    }
}
