using System.Runtime.InteropServices;

namespace Thimble.Compute.Threads;

/// <summary>Numbers given out one after the other, so that whoever is free takes the next piece of work.</summary>
internal sealed class Tickets
{
    private Counter _next;

    /// <summary>The next number, from 0 on.</summary>
    public int Take() => Interlocked.Increment(ref _next.Value) - 1;

    /// <summary>Begins at 0 again. Not while anybody takes.</summary>
    public void Reset() => Volatile.Write(ref _next.Value, 0);

    /// <summary>A counter alone on its cache line.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Counter
    {
        [FieldOffset(64)]
        public int Value;
    }
}
