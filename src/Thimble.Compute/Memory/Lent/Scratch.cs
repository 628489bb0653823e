using System.Runtime.InteropServices;

namespace Thimble.Compute.Memory;

/// <summary>A little memory of each thread's own, for what a kernel unpacks.</summary>
internal static class Scratch
{
    [ThreadStatic]
    private static Allocation? s_memory;

    /// <summary>Room for floats, aligned at 64 bytes, uncleared; the next call on this thread takes it again.</summary>
    public static Span<float> Floats(int length)
    {
        if (s_memory is null || s_memory.Length < (long)length * sizeof(float))
        {
            s_memory?.Dispose();
            s_memory = new Allocation(Math.Max(1 << 16, (long)length * sizeof(float)));
        }

        return MemoryMarshal.Cast<byte, float>(s_memory.Slice(0, length * sizeof(float)));
    }
}
