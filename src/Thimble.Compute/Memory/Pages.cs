using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Thimble.Compute.Memory;

/// <summary>Zeroed pages from the operating system: on Linux large ones are asked to be 2 MiB each, elsewhere what the runtime gives.</summary>
/// <remarks>A product that streams weights from 4 KiB pages loses a quarter to a third of its speed to address translation.</remarks>
internal static unsafe partial class Pages
{
    /// <summary>Bytes of a large page, and the alignment of large requests.</summary>
    public const int Huge = 2 << 20;

    private const int Small = 64;   // a cache line

    /// <summary>Zeroed memory.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="OutOfMemoryException">The machine has not that much.</exception>
    public static byte* Take(long length)
    {
        byte* start = (byte*)NativeMemory.AlignedAlloc((nuint)length, length >= Huge ? (nuint)Huge : Small);
        if (length < Huge)
        {
            NativeMemory.Clear(start, (nuint)length);
            return start;
        }

        // Fresh pages are zero already, but the allocator may hand back used ones: clearing is the only promise it keeps.
        if (OperatingSystem.IsLinux())
            Linux.AskHuge(start, (nuint)length);
        NativeMemory.Clear(start, (nuint)length);
        return start;
    }

    /// <summary>Gives memory back.</summary>
    public static void Return(byte* start) => NativeMemory.AlignedFree(start);

    /// <summary>Tells the system that mapped bytes are not needed in memory for now; they are read again if they are.</summary>
    public static void Release(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
            Linux.Release(start, (nuint)length);
    }

    [SupportedOSPlatform("linux")]
    private static partial class Linux
    {
        private const int DontNeed = 4, HugePage = 14;

        public static void AskHuge(byte* start, nuint length) => _ = Advise(start, length / Huge * Huge, HugePage);

        public static void Release(byte* start, nuint length)
        {
            // Whole pages only: a page at the edge may hold bytes of others.
            nuint page = (nuint)Environment.SystemPageSize, first = ((nuint)start + page - 1) / page * page, end = ((nuint)start + length) / page * page;
            if (end > first)
                _ = Advise((byte*)first, end - first, DontNeed);
        }

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int Advise(byte* start, nuint length, int advice);
    }
}
