using System.Runtime.CompilerServices;

namespace Thimble.Lab.Training;

/// <summary>ZO-SGD-Sign: <c>w = w − rate · sign(ĝ)</c>, number by number.</summary>
/// <remarks>The published code takes the sign of the slope alone, which is another method. Source: Liu et al., "signSGD via Zeroth-Order Oracle",
/// 2019; in ZO-Bench, Zhang et al., 2024, section 3.</remarks>
internal sealed class ZoSign : ZerothMethod
{
    [ModuleInitializer]
    internal static void Register() => Add("sign", static _ => new ZoSign());

    /// <inheritdoc />
    public override void Move(in OptimiserStep step, Span<float> values, Span<float> estimate, Span<float> memory)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] -= step.Rate * (estimate[i] > 0 ? 1 : estimate[i] < 0 ? -1 : 0);
    }
}
