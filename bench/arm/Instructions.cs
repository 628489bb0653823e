using System.Runtime.Intrinsics.Arm;

namespace Thimble.Arm;

/// <summary>What the processor, or who plays it, can do.</summary>
internal static class Instructions
{
    public static string Found =>
        $"AdvSimd {Has(AdvSimd.Arm64.IsSupported)}, Dp {Has(Dp.IsSupported)}, Rdm {Has(Rdm.IsSupported)}, Sve {Has(IsSve)}";

#pragma warning disable SYSLIB5003 // SVE is experimental in .NET 10; it is only asked for here
    private static bool IsSve => Sve.IsSupported;
#pragma warning restore SYSLIB5003

    private static string Has(bool supported) => supported ? "yes" : "no";
}
