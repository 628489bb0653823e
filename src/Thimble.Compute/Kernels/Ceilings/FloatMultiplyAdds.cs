using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiply-adds of 32-bit floats in registers alone: what no product in floats can be faster than.</summary>
/// <param name="rounds">How often each member goes round.</param>
internal readonly struct FloatMultiplyAdds(int rounds) : ITeamWork
{
    private readonly int _rounds = rounds;

    /// <summary>Multiply-adds of one member.</summary>
    public static long Count(int rounds) => (long)rounds * Chains.Length * Ceilings.FloatLanes;

    public void Run(int member, int members) => Lanes.Best(new Chains(_rounds));

    private readonly ref struct Chains(int rounds) : IKernel
    {
        public const int Length = 12;   // enough to hide a latency of 4 to 5 cycles on two units

        private readonly int _rounds = rounds;

        [MethodImpl(HotLoop.Compiled)]
        public void Run<TLane>()
            where TLane : unmanaged, ILane<TLane>
        {
            TLane x = TLane.Fill(0.5f), w = TLane.Fill(1.5f);
            TLane a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
            for (int round = 0; round < _rounds; round++)
            {
                a = TLane.MultiplyAdd(a, x, w);
                b = TLane.MultiplyAdd(b, x, w);
                c = TLane.MultiplyAdd(c, x, w);
                d = TLane.MultiplyAdd(d, x, w);
                e = TLane.MultiplyAdd(e, x, w);
                f = TLane.MultiplyAdd(f, x, w);
                g = TLane.MultiplyAdd(g, x, w);
                h = TLane.MultiplyAdd(h, x, w);
                i = TLane.MultiplyAdd(i, x, w);
                j = TLane.MultiplyAdd(j, x, w);
                k = TLane.MultiplyAdd(k, x, w);
                l = TLane.MultiplyAdd(l, x, w);
            }

            Ceilings.Keep(TLane.Sum(a + b + c + d + (e + f + g + h) + (i + j + k + l)));
        }
    }
}
