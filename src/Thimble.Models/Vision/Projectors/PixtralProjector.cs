using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>Pixtral's, and Mistral Small 3.1's, where a product merges squares of patches first: two products with GELU between. A picture
/// has any size, patches turn by height and width, and a vector of its own stands between lines.</summary>
/// <remarks>Source: Agrawal et al., "Pixtral 12B", 2024, section 2.2; Mistral AI, "Mistral Small 3.1", 2025.</remarks>
/// <param name="Merger">Merges the features of a square, each feature's patches side by side; null for none.</param>
/// <param name="Products">To the text model's features.</param>
/// <param name="Break">Stands behind each line but the last; null for nothing.</param>
/// <param name="Side">Patches of a square's side.</param>
internal sealed record PixtralProjector(PatchMerger? Merger, SquareProducts Products, float[]? Break, int Side) : Projector
{
    private const int LeastRows = 8, MostRows = 1024;

    /// <inheritdoc />
    public override int Outputs => Products.Second.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Merger?.Product.Weights ?? [], .. Products.First.Weights, .. Products.Second.Weights];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        if (Merger is not null)
        {
            Merger.Norm.Apply(pass, x, x);
            x = Merger.Product.Of(pass, PatchMerger.ByFeature(pass, Squares(pass, x, lines, columns, Side), x.Columns));
        }

        return Products.Of(pass, x);
    }

    /// <inheritdoc />
    public override GivenRows Rows(Matrix y, int lines, int columns)
    {
        if (Break is null)
            return new(y.Values.ToArray(), y.Columns);
        List<float> values = [];
        int across = columns / Side;
        for (int line = 0; line < lines / Side; line++)
        {
            values.AddRange(line == 0 ? [] : Break);
            values.AddRange(y.Part(line * across, across).Values);
        }

        return new([.. values], y.Columns);
    }

    [ModuleInitializer]
    internal static void Register() => Projectors.Add("pixtral", Build);

    private static VisionTower Build(VisionParts parts)
    {
        int side = parts.Count("spatial_merge_size", 1), unit = side * parts.Patch, size = parts.Width / parts.Heads;
        if (size % 4 != 0)
            throw parts.From.Wrong("vision.attention.head_count", parts.Heads, $"heads of {parts.Width} features together whose size is a multiple of 4");
        PatchMerger? merger = parts.From.FindLinear("mm.patch_merger", 0, side * side * parts.Width) is { } product
            ? new(new(parts.From.Vector("mm.input_norm.weight", parts.Width), parts.From.File.Float("vision.attention.layer_norm_epsilon")), product)
            : null;
        if (merger is null && side > 1)
            throw parts.From.Absent("mm.patch_merger.weight");

        parts = parts with { Centred = false, Rope = Turn(size) };
        Linear first = parts.From.Linear("mm.1", 0, merger?.Product.Outputs ?? parts.Width);
        var products = new SquareProducts(null, first, parts.From.Linear("mm.2", 0, first.Outputs));
        return new(
            parts.Patches(), parts.Stack(parts.Layers),
            new PixtralProjector(merger, products, parts.From.FindVector("v.token_embd.img_break", products.Second.Outputs), side),
            new DynamicPreparation(unit, LeastRows * unit * unit, MostRows * unit * unit, Resampling.Bilinear))
        {
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            End = "[IMG_END]",
        };
    }

    /// <summary>A head's first half turns by height, the second by width; neighbours are a pair, and frequencies go to the halves in turn.</summary>
    private static Rope Turn(int size)
    {
        double[] frequencies = Rope.Plain(size, 10_000);
        return new([.. frequencies.Where((_, i) => i % 2 == 0), .. frequencies.Where((_, i) => i % 2 == 1)], Adjacent: true)
        {
            Axes = [.. Enumerable.Repeat(1, size / 4), .. Enumerable.Repeat(2, size / 4)],
        };
    }
}

/// <summary>A product of squares of patches.</summary>
/// <param name="Norm">Normalises each patch.</param>
/// <param name="Product">Of a square, all patches' first feature before their second.</param>
internal sealed record PatchMerger(Norm Norm, Linear Product)
{
    /// <summary>Squares whose patches' features lie side by side, with each feature's patches side by side instead.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="squares">Shape [squares, patches · width].</param>
    /// <param name="width">Features of a patch.</param>
    /// <returns>Shape [squares, width · patches].</returns>
    public static Matrix ByFeature(Pass pass, Matrix squares, int width)
    {
        int patches = squares.Columns / width;
        Matrix y = pass.Scratch.Rent(squares.Rows, squares.Columns);
        for (int row = 0; row < y.Rows; row++)
        {
            for (int i = 0; i < y.Columns; i++)
                y[row][i] = squares[row][(i % patches * width) + (i / patches)];
        }

        return y;
    }
}
