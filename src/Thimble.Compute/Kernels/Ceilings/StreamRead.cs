using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Reads memory once, each member a contiguous share: what no product that streams its weights can be faster than.</summary>
/// <param name="memory">What is read.</param>
internal readonly struct StreamRead(Allocation memory) : ITeamWork
{
    private const int Part = 1 << 20;   // bytes under one bounds check

    private readonly Allocation _memory = memory;

    public void Run(int member, int members)
    {
        (int first, int end) = Shares.Of((int)(_memory.Length / Part), 1, member, members);
        for (int part = first; part < end; part++)
            Lanes.Best(new Sum(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(_memory.Slice((long)part * Part, Part))));
    }

    /// <summary>Reads and adds up.</summary>
    internal readonly ref struct Sum(ReadOnlySpan<float> x) : IKernel
    {
        private readonly ReadOnlySpan<float> _x = x;

        [MethodImpl(HotLoop.Compiled)]
        public void Run<TLane>()
            where TLane : unmanaged, ILane<TLane>
        {
            ReadOnlySpan<float> x = _x;
            TLane a = TLane.Fill(0), b = a, c = a, d = a;
            for (int i = 0; i <= x.Length - (4 * TLane.Count); i += 4 * TLane.Count)
            {
                a += TLane.Load(in x[i]);
                b += TLane.Load(in x[i + TLane.Count]);
                c += TLane.Load(in x[i + (2 * TLane.Count)]);
                d += TLane.Load(in x[i + (3 * TLane.Count)]);
            }

            Ceilings.Keep(TLane.Sum(a + b + (c + d)));
        }
    }
}
