using System.Runtime.InteropServices;

namespace Thimble.Compute.Threads;

/// <summary>Ties threads to processors, on Linux; elsewhere the system places them.</summary>
/// <remarks>A thread that wanders loses its nearest caches, and two that meet on one core take twice the time.</remarks>
internal static unsafe partial class Affinity
{
    private const int Most = 1024;   // processors in a mask

    /// <summary>Ties the calling thread to one processor; without effect where that cannot be done.</summary>
    public static void Pin(int processor)
    {
        if (!OperatingSystem.IsLinux() || processor >= Most)
            return;

        ulong* mask = stackalloc ulong[Most / 64];
        new Span<ulong>(mask, Most / 64).Clear();
        mask[processor / 64] = 1ul << (processor % 64);
        _ = SetAffinity(0, Most / 8, mask);   // 0 is the calling thread
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* mask);
}
