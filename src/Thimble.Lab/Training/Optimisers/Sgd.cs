using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary><c>w = w − rate · (g + decay · w)</c>, or with momentum <c>m = β·m + g; w = w − rate · (m + decay · w)</c>.</summary>
/// <remarks>Source: Sutskever et al., "On the Importance of Initialization and Momentum in Deep Learning", 2013, eq. 1.</remarks>
internal sealed class Sgd(float momentum) : Optimiser
{
    /// <inheritdoc />
    public override int Slots => momentum > 0 ? 1 : 0;

    [ModuleInitializer]
    internal static void Register()
    {
        Optimisers.Add("sgd", static _ => new Sgd(0));
        Optimisers.Add("momentum", static options => new Sgd(options.Beta1));
    }

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> gradient, Span<float> memory)
    {
        if (momentum > 0)
        {
            TensorPrimitives.MultiplyAdd(memory, momentum, gradient, memory);
            gradient = memory;
        }

        TensorPrimitives.Multiply(values, 1 - (step.Rate * step.Decay), values);
        TensorPrimitives.MultiplyAdd(gradient, -step.Rate, values, values);
    }
}
