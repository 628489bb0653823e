using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>Qwen3-VL's: squares of four patches become one vector, as in Qwen2-VL, but learned positions are stretched over the picture, and
/// what some of the tower's layers made of a square goes to the text model's first layers (DeepStack).</summary>
/// <remarks>Source: Qwen Team, "Qwen3-VL Technical Report", 2025, section 2; Meng et al., "DeepStack", 2024, section 3.</remarks>
/// <param name="Last">From what leaves the tower.</param>
/// <param name="Earlier">From what its layers with taps made of the patches, in order.</param>
internal sealed record DeepQwenProjector(SquareProducts Last, SquareProducts[] Earlier) : Projector
{
    private const int Merge = 2, LeastRows = 8, MostRows = 4096;

    /// <inheritdoc />
    public override int Outputs => Last.Second.Outputs;

    /// <inheritdoc />
    public override int Deeper => Earlier.Length;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => Earlier.Prepend(Last).SelectMany(products => products.First.Weights.Concat(products.Second.Weights));

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        int squares = lines / Merge * (columns / Merge), width = x.Columns / (1 + Deeper);
        Matrix y = pass.Scratch.Rent(squares, (1 + Deeper) * Outputs);
        for (int i = 0; i <= Deeper; i++)
        {
            using Arena.Scope _ = pass.Scratch.Mark();
            // The tower hands on its layers in order, the last of all at the end; the text model is given that first.
            SquareProducts products = i == 0 ? Last : Earlier[i - 1];
            Matrix patches = pass.Columns(x, (i == 0 ? Deeper : i - 1) * width, width), part = products.Of(pass, new Matrix(patches.Values, Merge * Merge * width));
            for (int row = 0; row < squares; row++)
                part[row].CopyTo(y[row][(i * Outputs)..]);
        }

        return y;
    }

    /// <inheritdoc />
    public override GivenRows Rows(Matrix y, int lines, int columns) =>
        new(y.Values.ToArray(), Outputs, new GivenGrid(lines / Merge, columns / Merge), deeper: Deeper);

    [ModuleInitializer]
    internal static void Register() => Projectors.Add("qwen3vl_merger", Build);

    private static VisionTower Build(VisionParts parts)
    {
        if (parts.Count("spatial_merge_size", Merge) is not Merge and var side)
            throw parts.From.Wrong("vision.spatial_merge_size", side, $"{Merge}");
        int size = parts.Width / parts.Heads, unit = Merge * parts.Patch;
        if (size % 4 != 0)
            throw parts.From.Wrong("vision.attention.head_count", parts.Heads, $"heads of {parts.Width} features together whose size is a multiple of 4");
        int[] taps = [.. Enumerable.Range(0, parts.Layers).Where(layer => parts.From.Has($"v.deepstack.{layer}.fc1.weight"))];
        if (taps.Contains(parts.Layers - 1))
            throw new InvalidDataException($"'{parts.From.File.Path}' taps the last of {parts.Layers} layers; expected taps at earlier ones.");

        parts = parts with { Rope = QwenProjector.Turn(size) };
        (Weight positions, PositionStretch stretch) = parts.Stretched(corners: true);
        var projector = new DeepQwenProjector(Products(parts, null, "mm.0", "mm.2"), [.. taps.Select(layer => Products(
            parts, $"v.deepstack.{layer}.norm", $"v.deepstack.{layer}.fc1", $"v.deepstack.{layer}.fc2"))]);
        if (projector.Earlier.FirstOrDefault(products => products.Second.Outputs != projector.Outputs) is { } other)
            throw new InvalidDataException($"'{parts.From.File.Path}' gives vectors of {projector.Outputs} features and, from a tap, of {other.Second.Outputs}.");
        return new(
            parts.Patches(), parts.Stack(parts.Layers), projector, new DynamicPreparation(unit, LeastRows * unit * unit, MostRows * unit * unit, Resampling.Bilinear))
        {
            Order = new(Merge),
            Positions = positions,
            Stretch = stretch,
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            Features = taps.Length == 0 ? [] : [.. taps.Select(layer => layer + 1), parts.Layers],
            Begin = "<|vision_start|>",
            End = "<|vision_end|>",
        };
    }

    private static SquareProducts Products(VisionParts parts, string? norm, string first, string second)
    {
        Linear inner = parts.From.Linear(first, 0, Merge * Merge * parts.Width);
        return new(norm is null ? null : parts.Norm(norm), inner, parts.From.Linear(second, 0, inner.Outputs));
    }
}

/// <summary>Two products with GELU between, of squares of patches whose features lie side by side.</summary>
/// <param name="Norm">Normalises a square; null for no norm.</param>
/// <param name="First">From a square's features.</param>
/// <param name="Second">Behind GELU.</param>
internal sealed record SquareProducts(Norm? Norm, Linear First, Linear Second)
{
    /// <summary>Runs them.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [squares, features of a square]; the norm is applied in place.</param>
    public Matrix Of(Pass pass, Matrix x)
    {
        Norm?.Apply(pass, x, x);
        Matrix y = First.Of(pass, x);
        Nonlinearity.Gelu.Apply(y.Values);
        return Second.Of(pass, y);
    }
}
