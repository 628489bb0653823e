using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Rows of floats packed by thirty-two: a panel is thirty-two rows, column after column.</summary>
internal static class FloatPanels
{
    /// <summary>Rows of a panel.</summary>
    public const int Rows = 32;

    private const int Least = 8;   // rows below which most of a panel would be padding

    [ModuleInitializer]
    internal static void Register()
    {
        Multipliers.Add(Offer<F16, HalfPairs>);
        Multipliers.Add(Offer<BF16, BrainPairs>);
        Multipliers.Add(Offer<F32, WideFloats>);
    }

    private static FloatPanelMultiplier<TFloats>? Offer<TBlock, TFloats>(Weight weight, Team team)
        where TBlock : unmanaged, IBlock<TBlock>
        where TFloats : struct, IPanelFloats =>
        weight.Format is BlockFormat<TBlock> && weight.Rows >= Least ? new FloatPanelMultiplier<TFloats>(weight, team) : null;
}
