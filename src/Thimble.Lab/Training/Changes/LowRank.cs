using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>LoRA: <c>y = W·x + (alpha / rank) · B·(A·x)</c>, where B is zero at first, so that nothing changes at first.</summary>
/// <remarks>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, section 4.1.</remarks>
internal sealed class LowRank : IChange, IDisposable
{
    private readonly float _scale;

    /// <param name="weight">The frozen weight.</param>
    /// <param name="rank">Rows of A.</param>
    /// <param name="alpha">Over the rank, the factor on what is added.</param>
    /// <param name="random">Draws A, uniformly within ± 1/√inputs.</param>
    public LowRank(Parameter weight, int rank, float alpha, Random random)
    {
        float[] a = new float[rank * weight.Columns];
        float bound = 1 / MathF.Sqrt(weight.Columns);
        for (int i = 0; i < a.Length; i++)
            a[i] = bound * (float)((2 * random.NextDouble()) - 1);
        A = new Parameter($"{weight.Name}.lora_a", a, weight.Columns) { IsTrained = true };
        B = new Parameter($"{weight.Name}.lora_b", new float[weight.Rows * rank], rank) { IsTrained = true };
        _scale = alpha / rank;
    }

    /// <summary>Shape [rank, inputs].</summary>
    public Parameter A { get; }

    /// <summary>Shape [outputs, rank].</summary>
    public Parameter B { get; }

    /// <inheritdoc />
    public IEnumerable<Parameter> Parameters => [A, B];

    /// <inheritdoc />
    public Value Apply(Tape tape, Value x, Value y) => Sum.Of(tape, y, LinearMap.Of(tape, LinearMap.Of(tape, x, A), B), _scale);

    /// <summary>Adds the change to the weight.</summary>
    /// <param name="gemm">Multiplies.</param>
    /// <param name="weight">The weight's values, shape [outputs, inputs].</param>
    /// <param name="sign">1 to add, −1 to take off again.</param>
    public void Merge(Gemm gemm, Matrix weight, float sign = 1)
    {
        float[] scaled = [.. B.Values];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] *= sign * _scale;
        gemm.Multiply(new Matrix(scaled, B.Columns), new Matrix(A.Values, A.Columns), weight, adds: true);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
