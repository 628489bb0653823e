using System.Runtime.CompilerServices;

namespace Thimble.Compute.Simd;

/// <summary>The one place where machines are told apart.</summary>
internal static class Lanes
{
    /// <summary>Runs a kernel on the widest registers this machine has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Best<TKernel>(scoped in TKernel kernel)
        where TKernel : IKernel, allows ref struct
    {
        if (V512.IsSupported) kernel.Run<V512>();
        else if (V256.IsSupported) kernel.Run<V256>();
        else if (V128.IsSupported) kernel.Run<V128>();
        else kernel.Run<Scalar>();
    }

    /// <summary>The name of the widest registers this machine has: V512, V256, V128 or Scalar.</summary>
    public static string BestName =>
        V512.IsSupported ? nameof(V512) : V256.IsSupported ? nameof(V256) : V128.IsSupported ? nameof(V128) : nameof(Scalar);
}
