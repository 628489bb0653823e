using System.Runtime.CompilerServices;

namespace Thimble.Compute;

/// <summary>How methods are compiled whose first, unoptimised form would cost more than a model's whole first token.</summary>
internal static class HotLoop
{
    /// <summary>At once and whole where methods are compiled when they are first called. Compiled ahead, a method must not carry that mark,
    /// or it is left out: so the command, published for the processor at hand, is built without it.</summary>
#if COMPILED_AHEAD
    public const MethodImplOptions Compiled = 0;
#else
    public const MethodImplOptions Compiled = MethodImplOptions.AggressiveOptimization;
#endif
}
