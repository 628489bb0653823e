using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>Qwen2-VL's and Qwen2.5-VL's: squares of four patches become one vector, and a picture any size; patches turn by height
/// and width. In 2.5 most layers see only windows of the picture.</summary>
/// <remarks>Source: Wang et al., "Qwen2-VL", 2024, section 2.1; Bai et al., "Qwen2.5-VL", 2025, section 2.1.1.</remarks>
/// <param name="First">From four patches' features.</param>
/// <param name="Second">Behind GELU, to the text model's.</param>
internal sealed record QwenProjector(Linear First, Linear Second) : Projector
{
    private const int Merge = 2, LeastRows = 8, MostRows = 4096, WindowPixels = 112;

    /// <inheritdoc />
    public override int Outputs => Second.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. First.Weights, .. Second.Weights];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        // The four patches of a square stand one behind the other already.
        Matrix y = First.Of(pass, new Matrix(x.Values, Merge * Merge * x.Columns));
        Nonlinearity.Gelu.Apply(y.Values);
        return Second.Of(pass, y);
    }

    /// <inheritdoc />
    public override GivenRows Rows(Matrix y, int lines, int columns) =>
        new(y.Values.ToArray(), y.Columns, new GivenGrid(lines / Merge, columns / Merge));

    [ModuleInitializer]
    internal static void Register()
    {
        Projectors.Add("qwen2vl_merger", parts => Build(parts, 0));
        Projectors.Add("qwen2.5vl_merger", parts => Build(parts with { Centred = false }, parts.From.File.FindInt("vision.n_wa_pattern") ?? 0));
    }

    private static VisionTower Build(VisionParts parts, int period)
    {
        int size = parts.Width / parts.Heads, unit = Merge * parts.Patch;
        if (size % 4 != 0)
            throw parts.From.Wrong("vision.attention.head_count", parts.Heads, $"heads of {parts.Width} features together whose size is a multiple of 4");
        parts = parts with { Rope = Turn(size), Windowed = layer => period > 0 && (layer + 1) % period != 0 };
        Linear first = parts.From.Linear("mm.0", 0, Merge * Merge * parts.Width);
        return new(
            parts.Patches(), parts.Stack(parts.Layers), new QwenProjector(first, parts.From.Linear("mm.2", 0, first.Outputs)),
            new DynamicPreparation(unit, LeastRows * unit * unit, MostRows * unit * unit, Resampling.Bilinear))
        {
            Order = new(Merge, period > 0 ? Math.Max(1, parts.Count("window_size", WindowPixels) / unit) : 0),
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            Begin = "<|vision_start|>",
            End = "<|vision_end|>",
        };
    }

    /// <summary>A head's first quarter turns by height with the third, the second by width with the fourth.</summary>
    internal static Rope Turn(int size)
    {
        double[] frequencies = Rope.Plain(size / 2, 10_000);
        return new([.. frequencies, .. frequencies], Adjacent: false)
        {
            Axes = [.. Enumerable.Repeat(1, size / 4), .. Enumerable.Repeat(2, size / 4)],
        };
    }
}
