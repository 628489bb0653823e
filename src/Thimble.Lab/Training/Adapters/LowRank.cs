using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Adapters;

namespace Thimble.Lab.Training;

/// <summary>LoRA: <c>y = W·x + (alpha / rank) · B·(A·x)</c>, where B is zero at first, so that nothing changes at first.</summary>
/// <remarks>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, section 4.1; with the root of the rank, Kalajdzievski,
/// "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023.</remarks>
internal sealed class LowRank : IChange
{
    private readonly Parameter _weight;
    private readonly float _dropped;
    private readonly int _seed;

    /// <param name="weight">The frozen weight.</param>
    /// <param name="options">Rank, alpha and dropout.</param>
    /// <param name="random">Draws A, uniformly within ± 1/√inputs.</param>
    public LowRank(Parameter weight, TrainedAdapterOptions options, Random random)
    {
        A = new Parameter($"{weight.Name}.lora_a", Drawn.Uniform(options.Rank, weight.Columns, random), weight.Columns) { IsTrained = true };
        B = new Parameter($"{weight.Name}.lora_b", new float[weight.Rows * options.Rank], options.Rank) { IsTrained = true };
        Scale = options.Alpha / (options.RankStabilised ? MathF.Sqrt(options.Rank) : options.Rank);
        (_weight, _dropped, _seed) = (weight, options.Dropout, random.Next());
    }

    /// <summary>Shape [rank, inputs].</summary>
    public Parameter A { get; }

    /// <summary>Shape [outputs, rank].</summary>
    public Parameter B { get; }

    /// <summary>Factor on what is added.</summary>
    public float Scale { get; }

    /// <inheritdoc />
    public IEnumerable<Parameter> Parameters => [A, B];

    /// <inheritdoc />
    public IEnumerable<DraftPart> Parts =>
    [
        new(_weight.Name, "lora_A.weight", [.. A.Values], A.Columns),
        new(_weight.Name, "lora_B.weight", [.. B.Values], B.Columns) { OutputRows = B.Rows },
    ];

    /// <inheritdoc />
    public Value Apply(Tape tape, Value x, Value y) =>
        AddedProduct.Of(tape, LinearMap.Of(tape, Dropout.Of(tape, x, _dropped, _seed), A), B, Scale, y);

    /// <inheritdoc />
    public void Merge(Gemm gemm, Matrix weight) => Add(gemm, weight, Scale);

    /// <inheritdoc />
    public void Unmerge(Gemm gemm, Matrix weight) => Add(gemm, weight, -Scale);

    /// <inheritdoc />
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private void Add(Gemm gemm, Matrix weight, float scale)
    {
        float[] scaled = [.. B.Values];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] *= scale;
        gemm.Multiply(new Matrix(scaled, B.Columns), new Matrix(A.Values, A.Columns), weight, adds: true);
    }
}

/// <summary>Numbers that a matrix begins with.</summary>
internal static class Drawn
{
    /// <summary>Uniform within ± 1/√columns.</summary>
    public static float[] Uniform(int rows, int columns, Random random)
    {
        float[] values = new float[rows * columns];
        float bound = 1 / MathF.Sqrt(columns);
        for (int i = 0; i < values.Length; i++)
            values[i] = bound * (float)((2 * random.NextDouble()) - 1);
        return values;
    }
}
