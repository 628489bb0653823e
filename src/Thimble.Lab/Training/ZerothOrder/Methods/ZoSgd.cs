using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>ZO-SGD: <c>w = w − rate · ĝ</c> with <c>ĝ = (1/q) Σ (L(w + μu) − L(w − μu)) / 2μ · u</c>.</summary>
/// <remarks>Source: Malladi et al., "Fine-Tuning Language Models with Just Forward Passes" (MeZO), 2023, algorithm 1; in ZO-Bench, Zhang et al.,
/// "Revisiting Zeroth-Order Optimization for Memory-Efficient LLM Fine-Tuning", 2024, section 3.</remarks>
internal class ZoSgd : ZerothMethod
{
    [ModuleInitializer]
    internal static void Register() => Add("sgd", static _ => new ZoSgd());

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> estimate, Span<float> memory)
    {
        TensorPrimitives.Multiply(estimate, -step.Rate, estimate);
        TensorPrimitives.Add(values, estimate, values);
    }
}
