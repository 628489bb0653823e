using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary><c>m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²; w = w − rate · (m̂ / (√v̂ + ε) + decay · w)</c>.</summary>
/// <remarks>Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.</remarks>
internal sealed class AdamW(OptimiserOptions options) : Optimiser
{
    private const int Block = 4096;   // values whose terms stay in the nearest cache

    /// <inheritdoc />
    public override int Slots => 2;

    [ModuleInitializer]
    internal static void Register() => Optimisers.Add("adamw", static options => new AdamW(options));

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> gradient, Span<float> memory)
    {
        float first = 1 - MathF.Pow(options.Beta1, step.Number), second = 1 - MathF.Pow(options.Beta2, step.Number);
        Span<float> means = memory[..values.Length], squares = memory[values.Length..], term = stackalloc float[Block];
        TensorPrimitives.Multiply(values, 1 - (step.Rate * step.Decay), values);
        for (int at = 0; at < values.Length; at += Block)
        {
            int count = Math.Min(Block, values.Length - at);
            Span<float> g = gradient.Slice(at, count), m = means.Slice(at, count), v = squares.Slice(at, count), t = term[..count];
            TensorPrimitives.Multiply(m, options.Beta1, m);
            TensorPrimitives.MultiplyAdd(g, 1 - options.Beta1, m, m);
            TensorPrimitives.Multiply(v, options.Beta2, v);
            TensorPrimitives.Multiply(g, g, t);
            TensorPrimitives.MultiplyAdd(t, 1 - options.Beta2, v, v);
            TensorPrimitives.Multiply(v, 1 / second, t);
            TensorPrimitives.Sqrt(t, t);
            TensorPrimitives.Add(t, options.Epsilon, t);
            TensorPrimitives.Divide(m, t, t);
            TensorPrimitives.MultiplyAdd(t, -step.Rate / first, values.Slice(at, count), values.Slice(at, count));
        }
    }
}
