using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Halves in pairs: row i in the lower 16 bits, row i + 16 in the upper.</summary>
/// <remarks>Most panels hold nothing of magnitude 128 or more. Their halves are stored with the exponent raised by ten, which
/// leaves room for every subnormal as a normal number: some processors take a hundred cycles for each subnormal operand.</remarks>
internal readonly unsafe struct HalfPairs : IPanelFloats
{
    private const float Raised = 5.070602400912918e30f;    // 2^102
    private const float AsStored = 5.192296858534828e33f;  // 2^112

    public static int Bytes => 64;

    public static bool IsCheap => false;

    public static float Pack(Weight weight, int row, byte* panel)
    {
        if (PanelTranspose.Pairs<RaisedHalf>(weight, row, (uint*)panel))
            return Raised;

        PanelTranspose.Pairs<SameBits>(weight, row, (uint*)panel);
        return AsStored;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Low<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadLowHalves(in *(uint*)column) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane High<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadHighHalves(in *(uint*)column) * scale;
}

/// <summary>Brain floats in pairs: row i in the lower 16 bits, row i + 16 in the upper.</summary>
internal readonly unsafe struct BrainPairs : IPanelFloats
{
    public static int Bytes => 64;

    public static bool IsCheap => true;

    public static float Pack(Weight weight, int row, byte* panel)
    {
        PanelTranspose.Pairs<SameBits>(weight, row, (uint*)panel);
        return 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Low<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadLowBFloats(in *(uint*)column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane High<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadHighBFloats(in *(uint*)column);
}

/// <summary>Floats of 32 bits: also the form in which widened columns meet many tokens.</summary>
internal readonly unsafe struct WideFloats : IPanelFloats
{
    public static int Bytes => 128;

    public static bool IsCheap => true;

    public static float Pack(Weight weight, int row, byte* panel)
    {
        PanelTranspose.Floats(weight, row, (float*)panel);
        return 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Low<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.Load(in *(float*)column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane High<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane> => TLane.Load(in *(float*)(column + 64));
}
