using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>ZO-SGD-MMT: <c>m = β·m + ĝ; w = w − rate · m</c>.</summary>
/// <remarks>Costs one more copy of what is trained. Source: ZO-Bench, Zhang et al., 2024, section 3.</remarks>
internal sealed class ZoMomentum(float beta) : ZerothMethod
{
    /// <inheritdoc />
    public override int Slots => 1;

    [ModuleInitializer]
    internal static void Register() => Add("momentum", static options => new ZoMomentum(options.Beta1));

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> estimate, Span<float> memory)
    {
        TensorPrimitives.Multiply(memory, beta, memory);
        TensorPrimitives.Add(memory, estimate, memory);
        TensorPrimitives.Multiply(memory, -step.Rate, estimate);
        TensorPrimitives.Add(values, estimate, values);
    }
}
