using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>A small vector for every token and layer: <c>e = (norm(P·x/√d) + row·√p) / √2</c>, made once before the layers.</summary>
/// <remarks>The table has a row of all layers' vectors for each token and is only looked up, so it may be large and slow:
/// a way to have many parameters and multiply with few. Source: Google, Gemma 3n, 2025 ("per-layer embeddings").</remarks>
/// <param name="Projection">P, shape [layers · p, d].</param>
/// <param name="Norm">Normalises each layer's p features.</param>
/// <param name="Table">One row a token, shape [vocabulary, layers · p].</param>
/// <param name="Size">p.</param>
internal sealed record PerLayerInputs(Linear Projection, Norm Norm, Weight Table, int Size) : Prelude
{
    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => Projection.Weights;

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        demands.Product(Projection);
        demands.Norm("per_layer_norm", Norm, Table.Columns);
        demands.Lookup(Table);
        demands.Map("per_layer_add", Table.Columns, 3, read: 2);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x)
    {
        Matrix inputs = All(pass);
        using Arena.Scope _ = pass.Scratch.Mark();
        Span<float> row = pass.Scratch.Rent<float>(Table.Columns);
        Projection.Apply(pass, x, inputs);
        Lanes.Best(new Scaled(inputs.Values, 1 / MathF.Sqrt(x.Columns), inputs.Values));
        for (int i = 0; i < pass.Rows; i++)
        {
            Norm.ApplyToParts(inputs[i], Size);
            Table.Decode(Math.Max(0, pass.Tokens[i]), row);   // where a vector is given, the first token's, which pads
            Lanes.Best(new AddScaled(row, MathF.Sqrt(Size), inputs[i]));
        }

        Lanes.Best(new Scaled(inputs.Values, MathF.Sqrt(0.5f), inputs.Values));
    }

    /// <summary>The vectors of a run, shape [rows, layers · p].</summary>
    public Matrix All(Pass pass) => pass.Shared(this, pass.Rows, Table.Columns, out bool _);
}

/// <summary>Lets a layer's own small vector through where the token asks for it: <c>y = Projection · (f(Gate·x) ⊙ e)</c>.</summary>
/// <param name="Inputs">Where e comes from.</param>
/// <param name="Layer">Which layer's e.</param>
/// <param name="Gate">Shape [p, d].</param>
/// <param name="Projection">Shape [d, p].</param>
/// <param name="Function">f.</param>
internal sealed record PerLayerEmbedding(PerLayerInputs Inputs, int Layer, Linear Gate, Linear Projection, Nonlinearity Function) : Block
{
    /// <inheritdoc />
    public override int Outputs => Projection.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Gate.Weights, .. Projection.Weights];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        Matrix inputs = Inputs.All(pass);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix gate = pass.Scratch.Rent(x.Rows, Gate.Outputs);
        Gate.Apply(pass, x, gate);
        for (int row = 0; row < x.Rows; row++)
            Function.Gate(gate[row], inputs[row].Slice(Layer * Inputs.Size, Inputs.Size));
        Projection.Apply(pass, gate, y);
    }
}
