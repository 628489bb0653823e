using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>ZO-Adam: Adam's means of ĝ and ĝ²: <c>m = β₁m + (1−β₁)ĝ; v = β₂v + (1−β₂)ĝ²; w = w − rate · m̂ / (√v̂ + ε)</c>.</summary>
/// <remarks>Costs two more copies of what is trained. Source: Chen et al., "ZO-AdaMM", 2019; in ZO-Bench, Zhang et al., 2024, section 3.</remarks>
internal sealed class ZoAdam(OptimiserOptions options) : ZerothMethod
{
    /// <inheritdoc />
    public override int Slots => 2;

    [ModuleInitializer]
    internal static void Register() => Add("adam", static options => new ZoAdam(options));

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> estimate, Span<float> memory)
    {
        float first = 1 - MathF.Pow(options.Beta1, step.Number), second = 1 - MathF.Pow(options.Beta2, step.Number);
        Span<float> means = memory[..values.Length], squares = memory[values.Length..];
        for (int i = 0; i < values.Length; i++)
        {
            means[i] = (options.Beta1 * means[i]) + ((1 - options.Beta1) * estimate[i]);
            squares[i] = (options.Beta2 * squares[i]) + ((1 - options.Beta2) * estimate[i] * estimate[i]);
        }

        TensorPrimitives.Multiply(squares, 1 / second, estimate);
        TensorPrimitives.Sqrt(estimate, estimate);
        TensorPrimitives.Add(estimate, options.Epsilon, estimate);
        TensorPrimitives.Divide(means, estimate, estimate);
        TensorPrimitives.Multiply(estimate, -step.Rate / first, estimate);
        TensorPrimitives.Add(values, estimate, values);
    }
}
