using Thimble.Compute.Memory;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Makes a wide stream of a plain one: its first part is x, the others <c>Mᵢ·x</c>, as long as x.</summary>
/// <param name="Matrices">M, shape [width, width] each.</param>
internal sealed record AltUpSpread(Linear[] Matrices) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => Matrices;

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        Matrix wide = pass.Scratch.Rent(x.Rows, x.Columns * (Matrices.Length + 1));
        using Arena.Scope _ = pass.Scratch.Mark();
        for (int row = 0; row < x.Rows; row++)
            x[row].CopyTo(wide[row]);
        for (int i = 0; i < Matrices.Length; i++)
        {
            Matrix part = Matrices[i].Of(pass, x);
            for (int row = 0; row < x.Rows; row++)
                AltUpLength.Write(part[row], x[row], wide[row].Slice((i + 1) * x.Columns, x.Columns));
        }

        return wide;
    }
}

/// <summary>Makes a plain stream of a wide one: the mean of its first part and of the others' <c>Mᵢ·xᵢ</c>, each as long as the active part.</summary>
/// <param name="Matrices">M, shape [width, width] each.</param>
/// <param name="Active">The active part.</param>
internal sealed record AltUpMerge(Linear[] Matrices, int Active) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => Matrices;

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        int width = x.Columns / (Matrices.Length + 1);
        Matrix mean = pass.Columns(x, 0, width);
        using Arena.Scope _ = pass.Scratch.Mark();
        for (int i = 0; i < Matrices.Length; i++)
        {
            Matrix part = Matrices[i].Of(pass, pass.Columns(x, (i + 1) * width, width));
            for (int row = 0; row < x.Rows; row++)
            {
                AltUpLength.Write(part[row], x[row].Slice(Active * width, width), part[row]);
                Lanes.Best(new AddScaled(part[row], 1, mean[row]));
            }
        }

        Lanes.Best(new Scaled(mean.Values, 1f / (Matrices.Length + 1), mean.Values));
        return mean;
    }
}

/// <summary>Vectors made as long as another.</summary>
internal static class AltUpLength
{
    private const double LeastMeanSquare = 1e-5;   // below which a vector is too short to be drawn out

    /// <summary><c>y = x · ‖model‖ / ‖x‖</c>.</summary>
    public static void Write(ReadOnlySpan<float> x, ReadOnlySpan<float> model, Span<float> y) =>
        Lanes.Best(new Scaled(x, (float)Math.Sqrt(Squares(model) / Math.Max(Squares(x), LeastMeanSquare * x.Length)), y));

    private static double Squares(ReadOnlySpan<float> x)
    {
        double sum = 0;
        foreach (float value in x)
            sum += (double)value * value;
        return sum;
    }
}
