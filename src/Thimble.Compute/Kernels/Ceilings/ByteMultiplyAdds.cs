using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiply-adds of bytes in registers alone, summed in 16 bits by fours and then in 32: what a product of numbers
/// of up to seven bits can at best reach without dot-product instructions.</summary>
/// <param name="rounds">How often each member goes round.</param>
internal readonly struct ByteMultiplyAdds(int rounds) : ITeamWork
{
    private const int Chains = 4, Depth = 4;

    private readonly int _rounds = rounds;

    /// <summary>Whether this machine has an instruction for it.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Multiply-adds of one member.</summary>
    public static long Count(int rounds) => (long)rounds * Chains * Depth * (Avx512BW.IsSupported ? 64 : 32);

    public void Run(int member, int members)
    {
        if (Avx512BW.IsSupported)
            Run512();
        else
            Run256();
    }

    [MethodImpl(HotLoop.Compiled)]
    private void Run512()
    {
        Vector512<int> a = Vector512<int>.Zero, b = a, c = a, d = a;
        var w = Vector512.Create((byte)3);
        var x = Vector512.Create((sbyte)5);
        for (int round = 0; round < _rounds; round++)
        {
            a += Four(w, x ^ a.AsSByte());
            b += Four(w, x ^ b.AsSByte());
            c += Four(w, x ^ c.AsSByte());
            d += Four(w, x ^ d.AsSByte());
        }

        Ceilings.Keep(Vector512.Sum(a + b + c + d));
    }

    [MethodImpl(HotLoop.Compiled)]
    private void Run256()
    {
        Vector256<int> a = Vector256<int>.Zero, b = a, c = a, d = a;
        var w = Vector256.Create((byte)3);
        var x = Vector256.Create((sbyte)5);
        for (int round = 0; round < _rounds; round++)
        {
            a += Four(w, x ^ a.AsSByte());
            b += Four(w, x ^ b.AsSByte());
            c += Four(w, x ^ c.AsSByte());
            d += Four(w, x ^ d.AsSByte());
        }

        Ceilings.Keep(Vector256.Sum(a + b + c + d));
    }

    // Each product has operands of its own, or the compiler would compute it once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Four(Vector512<byte> w, Vector512<sbyte> x) => Avx512BW.MultiplyAddAdjacent(
        Avx512BW.MultiplyAddAdjacent(w, x) + Avx512BW.MultiplyAddAdjacent(w + w, x) +
        (Avx512BW.MultiplyAddAdjacent(x.AsByte(), w.AsSByte()) + Avx512BW.MultiplyAddAdjacent(x.AsByte(), x)), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Four(Vector256<byte> w, Vector256<sbyte> x) => Avx2.MultiplyAddAdjacent(
        Avx2.MultiplyAddAdjacent(w, x) + Avx2.MultiplyAddAdjacent(w + w, x) +
        (Avx2.MultiplyAddAdjacent(x.AsByte(), w.AsSByte()) + Avx2.MultiplyAddAdjacent(x.AsByte(), x)), Vector256<short>.One);
}
