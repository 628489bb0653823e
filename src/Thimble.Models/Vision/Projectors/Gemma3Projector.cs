using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Vision;

/// <summary>Gemma 3's: the mean of squares of neighbouring patches, a norm, one product; a picture's vectors see one another.</summary>
/// <remarks>Source: Gemma Team, "Gemma 3 Technical Report", 2025, section 2.1.</remarks>
/// <param name="Norm">The norm.</param>
/// <param name="Product">The product.</param>
/// <param name="Side">Patches of a square's side.</param>
internal sealed record Gemma3Projector(Norm Norm, Linear Product, int Side) : Projector
{
    /// <inheritdoc />
    public override int Outputs => Product.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => Product.Weights;

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x, int lines, int columns)
    {
        int across = columns / Side;
        Matrix means = pass.Scratch.Rent(lines / Side * across, x.Columns);
        means.Values.Clear();
        for (int row = 0; row < x.Rows; row++)
        {
            (int line, int column) = (row / columns / Side, row % columns / Side);
            if (line < lines / Side && column < across)
                Lanes.Best(new AddScaled(x[row], 1f / (Side * Side), means[(line * across) + column]));
        }

        Norm.Apply(pass, means, means);
        return Product.Of(pass, means);
    }

    /// <inheritdoc />
    public override GivenRows Rows(Matrix y, int lines, int columns) => new(y.Values.ToArray(), y.Columns, seeOneAnother: true);

    [ModuleInitializer]
    internal static void Register() => Projectors.Add("gemma3", Build);

    private static VisionTower Build(VisionParts parts)
    {
        int side = parts.Count("projector.scale_factor", 4);
        if (parts.Size / parts.Patch < side)
            throw parts.From.Wrong("vision.projector.scale_factor", side, $"at most {parts.Size / parts.Patch}, the patches of a view's side");
        float[] gain = parts.From.Vector("mm.soft_emb_norm.weight", parts.Width);
        var norm = new Norm(gain, parts.From.File.Float("vision.attention.layer_norm_epsilon"));
        return new(
            parts.Patches(), parts.Stack(parts.Layers), new Gemma3Projector(norm, new(Transposed(parts, "mm.input_projection.weight")), side),
            new SquarePreparation(parts.Size, Resampling.Bilinear, default))
        {
            Positions = parts.From.Weight("v.position_embd.weight", columns: parts.Width),
            Before = parts.FindNorm("v.pre_ln"),
            After = parts.FindNorm("v.post_ln"),
            Begin = "<start_of_image>",
            End = "<end_of_image>",
        };
    }

    /// <summary>A matrix that files hold with inputs for rows.</summary>
    private static Weight Transposed(VisionParts parts, string name)
    {
        StoredTensor tensor = parts.From.File.Tensor(name);
        if (tensor.Rows != parts.Width)
            throw new InvalidDataException($"Tensor '{name}' of '{parts.From.File.Path}' has {tensor.Rows} rows; the metadata ask for {parts.Width}.");
        (int rows, int columns) = ((int)tensor.Columns, (int)tensor.Rows);
        float[] stored = parts.From.Vector(name);
        var turned = Computed.Tensor(name, BlockFormats.Named("F32"), [columns, rows], memory =>
        {
            for (int row = 0; row < rows; row++)
            {
                Span<float> line = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(memory.Slice((long)row * columns * sizeof(float), columns * sizeof(float)));
                for (int column = 0; column < columns; column++)
                    line[column] = stored[(column * rows) + row];
            }
        });
        return new(name, turned.BlockFormat, rows, columns, turned.Bytes(), parts.From.Opening);
    }
}
