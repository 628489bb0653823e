using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary><c>y = W·x + bias</c>; W may be several weights, one above the other, that share their input.</summary>
/// <param name="Parts">The weights, all with the same columns.</param>
/// <param name="Bias">Shape [rows of all parts]; null for none.</param>
internal sealed record Linear(Weight[] Parts, float[]? Bias = null) : Block
{
    /// <summary>One weight.</summary>
    public Linear(Weight weight, float[]? bias = null)
        : this([weight], bias)
    {
    }

    /// <summary>Whose biases stand one behind the other in <see cref="Bias"/>, each with its outputs; null where it is of one piece.</summary>
    public (float[]? Bias, int Outputs)[]? BiasParts { get; init; }

    /// <summary>Factor on each part's outcome, before the bias; null for 1.</summary>
    public float[]? Scales { get; init; }

    /// <summary>Whether <see cref="Scales"/> count for what adapters add too, as they do in feed-forward blocks.</summary>
    public bool ScalesChanges { get; init; }

    /// <inheritdoc />
    public override int Outputs { get; } = Parts.Sum(part => part.Rows);

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => Parts;

    /// <summary>Features it takes.</summary>
    public int Inputs => Parts[0].Columns;

    /// <summary>Whether some part takes its input in bytes.</summary>
    public bool TakesBytes { get; } = Parts.Any(part => part.TakesBytes);

    /// <inheritdoc />
    public override void Describe(Demands demands) => demands.Product(this);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Apply(pass, pass.Ready(x, TakesBytes), y);
    }

    /// <summary>Runs it into a matrix that the run lends.</summary>
    public Matrix Of(Pass pass, Matrix x)
    {
        Matrix y = pass.Scratch.Rent(x.Rows, Outputs);
        Apply(pass, x, y);
        return y;
    }

    /// <summary>Runs it on vectors that have been made ready, so that several blocks can share that.</summary>
    public void Apply(Pass pass, in Activations x, Matrix y)
    {
        if (pass.Observer is { } observer)
        {
            foreach (Weight part in Parts)
                observer(part, x.Values);
        }

        using OperationMark _ = OperationTrace.Product(pass.Trace, Parts, y.Rows);
        new Products(Parts, x, y, 0).Run(pass.Team);
        if (pass.Adapters.Any && ScalesChanges)
            Adapt(pass, x.Values, y);
        if (Scales is not null)
            Scale(Scales, y);
        if (pass.Adapters.Any && !ScalesChanges)
            Adapt(pass, x.Values, y);
        AddBias(y);
    }

    /// <summary>Does to products that were worked out elsewhere what follows them here: factors, then biases.</summary>
    /// <param name="y">Shape [rows, outputs].</param>
    public void Finish(Matrix y)
    {
        if (Scales is not null)
            Scale(Scales, y);
        AddBias(y);
    }

    private void AddBias(Matrix y)
    {
        for (int row = 0; Bias is not null && row < y.Rows; row++)
            Lanes.Best(new AddScaled(Bias, 1, y[row]));
    }

    private void Adapt(Pass pass, Matrix x, Matrix y)
    {
        int column = 0;
        foreach (Weight part in Parts)
        {
            pass.Adapters.Change(pass, part, x, y, column);
            column += part.Rows;
        }
    }

    private void Scale(float[] scales, Matrix y)
    {
        int column = 0;
        for (int i = 0; i < Parts.Length; i++)
        {
            for (int row = 0; row < y.Rows; row++)
            {
                Span<float> scaled = y[row].Slice(column, Parts[i].Rows);
                Lanes.Best(new Scaled(scaled, scales[i], scaled));
            }

            column += Parts[i].Rows;
        }
    }

    /// <summary>Several blocks as one, their outputs side by side.</summary>
    /// <remarks>A part without bias counts as having zeros where another has one.</remarks>
    public static Linear Stack(params Linear[] blocks)
    {
        float[]? bias = blocks.Any(block => block.Bias is not null)
            ? [.. blocks.SelectMany(block => block.Bias ?? new float[block.Outputs])]
            : null;
        float[]? scales = blocks.Any(block => block.Scales is not null)
            ? [.. blocks.SelectMany(block => block.Scales ?? Enumerable.Repeat(1f, block.Parts.Length))]
            : null;
        return new([.. blocks.SelectMany(block => block.Parts)], bias)
        {
            BiasParts = bias is null ? null : [.. blocks.SelectMany(block => block.BiasParts ?? [(block.Bias, block.Outputs)])],
            Scales = scales,
            ScalesChanges = blocks.Any(block => block.ScalesChanges),
        };
    }
}
