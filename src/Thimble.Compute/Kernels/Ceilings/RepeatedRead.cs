using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Reads a stretch of memory over and over, each member its own: what a cache that holds it can give.</summary>
/// <param name="memory">What is read.</param>
/// <param name="bytesEach">Bytes of each member.</param>
internal readonly struct RepeatedRead(Allocation memory, int bytesEach) : ITeamWork
{
    private const long Least = 16 << 20;   // bytes of one pass, so that it takes longer than a clock's tick

    private readonly Allocation _memory = memory;
    private readonly int _bytesEach = bytesEach, _rounds = (int)Math.Max(1, Least / bytesEach);

    /// <summary>Bytes that each member reads in a pass.</summary>
    public long Bytes => (long)_rounds * _bytesEach;

    public void Run(int member, int members)
    {
        ReadOnlySpan<float> own = MemoryMarshal.Cast<byte, float>(_memory.Slice((long)member * _bytesEach, _bytesEach));
        for (int round = 0; round < _rounds; round++)
            Lanes.Best(new StreamRead.Sum(own));
    }
}
