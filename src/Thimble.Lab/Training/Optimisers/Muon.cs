using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Momentum whose matrices are made nearly orthogonal before they are taken as steps; vectors and tables go by <see cref="AdamW"/>.</summary>
/// <remarks><para>Five rounds of <c>X = aX + (bA + cA²)X</c> with <c>A = XXᵀ</c> drive all singular values towards 1. Steps are scaled by
/// <c>0.2 · √max(rows, columns)</c>, so that one rate serves both kinds.</para>
/// <para>Source: Jordan et al., "Muon", 2024; the scale by Liu et al., "Muon is Scalable for LLM Training", 2025, section 2.2.</para></remarks>
internal sealed class Muon : Optimiser, IDisposable
{
    private readonly AdamW _vectors;
    private readonly Team _alone = new(1);
    private readonly Gemm _gemm;
    private readonly Arena _scratch = new();
    private readonly float _momentum;

    /// <param name="options">Its numbers; <see cref="OptimiserOptions.Beta1"/> is the momentum of matrices too, at least 0.95.</param>
    public Muon(OptimiserOptions options) => (_vectors, _gemm, _momentum) = (new AdamW(options), new Gemm(_alone), Math.Max(0.95f, options.Beta1));

    /// <inheritdoc />
    public override int Slots => 2;

    [ModuleInitializer]
    internal static void Register() => Optimisers.Add("muon", static options => new Muon(options));

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> gradient, Span<float> memory)
    {
        int columns = values.Length / step.Rows;
        if (step.Rows == 1 || columns == 1 || step.Rows > 16 * columns)   // a vector, or the table of a vocabulary
        {
            _vectors.Move(in step, values, gradient, memory);
            return;
        }

        Span<float> momentum = memory[..values.Length];
        TensorPrimitives.MultiplyAdd(momentum, _momentum, gradient, momentum);
        TensorPrimitives.MultiplyAdd(momentum, _momentum, gradient, gradient);   // Nesterov's
        using Arena.Scope _ = _scratch.Mark();
        Matrix x = Orthogonal(new Matrix(gradient, columns));
        TensorPrimitives.Multiply(values, 1 - (step.Rate * step.Decay), values);
        TensorPrimitives.MultiplyAdd(x.Values, -step.Rate * 0.2f * MathF.Sqrt(Math.Max(step.Rows, columns)), values, values);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _gemm.Dispose();
        _scratch.Dispose();
        _alone.Dispose();
    }

    /// <summary>A matrix with the same singular vectors, whose singular values are near 1.</summary>
    private Matrix Orthogonal(Matrix g)
    {
        bool tall = g.Rows > g.Columns;
        int small = Math.Min(g.Rows, g.Columns), large = Math.Max(g.Rows, g.Columns);
        Matrix x = _scratch.Rent(small, large), next = _scratch.Rent(small, large), a = _scratch.Rent(small, small), square = _scratch.Rent(small, small);
        Turn(g, x, tall);
        TensorPrimitives.Divide(x.Values, MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(x.Values)) + 1e-7f, x.Values);
        for (int round = 0; round < 5; round++)
        {
            _gemm.MultiplyByRows(x, x, a);
            _gemm.Multiply(a, a, square);
            TensorPrimitives.Multiply(a.Values, -4.7750f, a.Values);
            TensorPrimitives.MultiplyAdd(square.Values, 2.0315f, a.Values, a.Values);
            TensorPrimitives.Multiply(x.Values, 3.4445f, next.Values);
            _gemm.Multiply(a, x, next, adds: true);
            next.Values.CopyTo(x.Values);
        }

        Matrix y = _scratch.Rent(g.Rows, g.Columns);
        Turn(x, y, tall);
        return y;
    }

    private static void Turn(Matrix x, Matrix y, bool turns)
    {
        if (!turns)
        {
            x.Values.CopyTo(y.Values);
            return;
        }

        for (int row = 0; row < x.Rows; row++)
        {
            for (int column = 0; column < x.Columns; column++)
                y[column][row] = x[row][column];
        }
    }
}
