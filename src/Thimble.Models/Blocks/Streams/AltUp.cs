using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>A wide residual stream of which a layer computes one part and guesses the rest: <c>pᵢ = xᵢ + Σⱼ Pᵢⱼ·xⱼ</c>, <c>a = layer(pₐ)</c>,
/// <c>xᵢ = pᵢ + (1 + Cᵢ) · (a − pₐ)</c>, with P and C made from x's, then a's, active part.</summary>
/// <remarks>Source: Baykal et al., "Alternating Updates for Efficient Transformers", 2023, algorithm 1; as Gemma 3n has it, whose
/// per-layer embeddings are added to the other parts.</remarks>
/// <param name="Router">To what P and C are made from, <c>m = tanh(router(x))</c>.</param>
/// <param name="Predict">From m to P, shape [parts · parts, parts].</param>
/// <param name="Correct">From m to C, shape [parts, parts].</param>
/// <param name="Active">The part that is computed.</param>
/// <param name="Inner">The layer proper.</param>
internal sealed record AltUp(AltUpRouter Router, Linear Predict, Linear Correct, int Active, params Step[] Inner) : Step
{
    /// <summary>Added to all parts but the first, from the active one times <see cref="InjectionScale"/>.</summary>
    public required Block Injection { get; init; }

    /// <summary>Factor on each feature of what goes into <see cref="Injection"/>, shape [width].</summary>
    public required float[] InjectionScale { get; init; }

    /// <summary>Normalises the injection.</summary>
    public required Norm InjectionNorm { get; init; }

    private int Parts => Correct.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [.. Inner.SelectMany(step => step.Blocks), Router.Matrix, Predict, Correct, Injection];

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        demands.Product(Router.Matrix);
        demands.Product(Predict);
        demands.Map("altup_predict", Parts * width, 2 * Parts, read: Parts);
        foreach (Step step in Inner)
            step.Describe(demands, width);
        demands.Product(Router.Matrix);
        demands.Product(Correct);
        demands.Map("altup_correct", Parts * width, 2);
        Injection.Describe(demands);
        demands.Map("add", (Parts - 1) * width, 1, read: 2);
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int width = x.Columns / Parts;
        Guess(pass, x, width);

        Matrix active = pass.Columns(x, Active * width, width), guessed = pass.Columns(x, Active * width, width);
        foreach (Step step in Inner)
            active = step.Apply(pass, active);
        Adjust(pass, x, active, guessed, width);
        Inject(pass, x, width);
        return x;
    }

    private void Guess(Pass pass, Matrix x, int width)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix shares = Predict.Of(pass, Router.Of(pass, pass.Columns(x, Active * width, width)));
        Matrix before = pass.Columns(x, 0, x.Columns);
        for (int row = 0; row < x.Rows; row++)
        {
            for (int i = 0; i < Parts * Parts; i++)
                Lanes.Best(new AddScaled(before[row].Slice(i % Parts * width, width), shares[row][i], x[row].Slice(i / Parts * width, width)));
        }
    }

    private void Adjust(Pass pass, Matrix x, Matrix active, Matrix guessed, int width)
    {
        Matrix shares = Correct.Of(pass, Router.Of(pass, active));
        for (int row = 0; row < x.Rows; row++)
        {
            Lanes.Best(new Scaled(guessed[row], -1, guessed[row]));
            Lanes.Best(new AddScaled(active[row], 1, guessed[row]));
            for (int i = 0; i < Parts; i++)
                Lanes.Best(new AddScaled(guessed[row], 1 + shares[row][i], x[row].Slice(i * width, width)));
        }
    }

    private void Inject(Pass pass, Matrix x, int width)
    {
        Matrix first = pass.Columns(x, Active * width, width), injected = pass.Scratch.Rent(x.Rows, width);
        for (int row = 0; row < x.Rows; row++)
            Lanes.Best(new Product(first[row], InjectionScale, first[row]));
        Injection.Apply(pass, first, injected);
        InjectionNorm.Apply(pass, injected, injected);
        for (int row = 0; row < x.Rows; row++)
        {
            for (int i = 1; i < Parts; i++)
                Lanes.Best(new AddScaled(injected[row], 1, x[row].Slice(i * width, width)));
        }
    }
}

/// <summary><c>m = tanh(M · norm(x) / width)</c>: a number for each part of a wide stream.</summary>
/// <param name="Norm">Normalises x.</param>
/// <param name="Matrix">M, shape [parts, width].</param>
internal sealed record AltUpRouter(Norm Norm, Linear Matrix)
{
    /// <summary>The numbers of every row.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, width], used up.</param>
    /// <returns>Shape [rows, parts].</returns>
    public Matrix Of(Pass pass, Matrix x)
    {
        Matrix normal = pass.Scratch.Rent(x.Rows, x.Columns);
        Norm.Apply(pass, x, normal);
        Lanes.Best(new Scaled(normal.Values, 1f / x.Columns, normal.Values));
        Matrix numbers = Matrix.Of(pass, normal);
        Nonlinearity.Tanh.Apply(numbers.Values);
        return numbers;
    }
}
