using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Who multiplies a weight: asked once, when it is opened.</summary>
internal static class Multipliers
{
    /// <summary>The multiplier for a weight.</summary>
    public static Multiplier For(Weight weight, Precision precision) =>
        precision == Precision.Bytes && weight.Columns % Activations.Group == 0
            ? weight.Format.Multiplier(weight)
            : new FloatMultiplier(weight);
}
