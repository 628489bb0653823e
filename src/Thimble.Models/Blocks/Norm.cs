using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>A normalisation of vectors.</summary>
/// <param name="Gain">Factor on each feature, shape [features]; null for 1.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Centred">Whether the mean is taken off first (layer norm) or not (RMS norm).</param>
/// <param name="Bias">Added to each feature, shape [features]; null for 0.</param>
internal sealed record Norm(float[]? Gain, float Epsilon, bool Centred = false, float[]? Bias = null)
{
    /// <summary>Whether a gain as long as all parts has a stretch for each part, which is then normalised by itself.</summary>
    public bool EachPart { get; init; }

    /// <summary>Normalises one vector.</summary>
    /// <param name="x">Shape [features].</param>
    /// <param name="y">Receives the outcome; may be <paramref name="x"/>.</param>
    public void Apply(ReadOnlySpan<float> x, Span<float> y) => Apply(x, Gain, y);

    /// <summary>Normalises every row.</summary>
    /// <param name="pass">The run, whose team shares the rows.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="y">Receives the outcome; may be <paramref name="x"/>.</param>
    public void Apply(Pass pass, Matrix x, Matrix y)
    {
        using OperationMark _ = OperationTrace.Of(pass.Trace, "Norm", x.Rows, x.Columns, y.Columns);
        RowWork.Run(pass.Team, x.Rows, x.Columns, new NormRows(this, x, y));
    }

    /// <summary>Normalises neighbouring parts of a vector, each by itself, in place; a gain of all parts counts for them as one.</summary>
    /// <param name="x">Shape [parts · size].</param>
    /// <param name="size">Features of a part.</param>
    public void ApplyToParts(Span<float> x, int size)
    {
        bool ofAll = Gain is not null && Gain.Length == x.Length && x.Length != size;
        if (ofAll && !EachPart)
        {
            Apply(x, x);
            return;
        }

        for (int at = 0; at < x.Length; at += size)
            Apply(x.Slice(at, size), ofAll ? Gain.AsSpan(at, size) : Gain, x.Slice(at, size));
    }

    private void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, Span<float> y)
    {
        if (Centred)
        {
            Lanes.Best(new LayerNorm(x, gain, Bias, Epsilon, y));
            return;
        }

        Lanes.Best(new RmsNorm(x, gain, Epsilon, y));
        if (Bias is not null)
            Lanes.Best(new AddScaled(Bias, 1, y));
    }
}
