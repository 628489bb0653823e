using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Thimble.Compute.Memory;

/// <summary>Zeroed pages from the operating system: on Linux large ones are asked to be 2 MiB each, elsewhere what the runtime gives.</summary>
/// <remarks>A product that streams weights from 4 KiB pages loses a quarter to a third of its speed to address translation.</remarks>
internal static unsafe partial class Pages
{
    /// <summary>Bytes of a large page, and the alignment of large requests.</summary>
    public const int Huge = 2 << 20;

    /// <summary>Bytes from which memory comes from large pages, many requests to one if they are smaller.</summary>
    private const int Large = 32 << 10;

    private const int CacheLine = 64;

    /// <summary>Zeroed memory.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="InsufficientMemoryException">The machine has not that much.</exception>
    public static byte* Take(long length)
    {
        if (OperatingSystem.IsLinux() && length >= Large)
            return length >= Huge ? Map(length) : Slabs.Take((int)length);

        byte* start = (byte*)NativeMemory.AlignedAlloc((nuint)length, length >= Huge ? (nuint)Huge : CacheLine);
        NativeMemory.Clear(start, (nuint)length);
        return start;
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="start">What <see cref="Take"/> gave.</param>
    /// <param name="length">The length it was asked for.</param>
    public static void Return(byte* start, long length)
    {
        if (!OperatingSystem.IsLinux() || length < Large)
            NativeMemory.AlignedFree(start);
        else if (length >= Huge)
            Unmap(start, length);
        else
            Slabs.Return(start);
    }

    /// <summary>Tells the system that mapped bytes are not needed in memory for now; they are read again if they are.</summary>
    public static void Release(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
            Linux.Release(start, (nuint)length);
    }

    /// <summary>Fresh pages, 2 MiB each if the system can: they are zero, and cost nothing before they are touched.</summary>
    [SupportedOSPlatform("linux")]
    internal static byte* Map(long length)
    {
        // The kernel maps at 4 KiB: take one large page more, and give back what sticks out at either side.
        nuint wanted = Whole(length);
        byte* start = Linux.Map(wanted + Huge);
        byte* first = (byte*)(((nuint)start + Huge - 1) / Huge * Huge);
        Linux.Unmap(start, (nuint)(first - start));
        Linux.Unmap(first + wanted, (nuint)(start + Huge - first));
        Linux.AskHuge(first, wanted);
        return first;
    }

    /// <summary>Gives fresh pages back.</summary>
    [SupportedOSPlatform("linux")]
    internal static void Unmap(byte* start, long length) => Linux.Unmap(start, Whole(length));

    private static nuint Whole(long length) => ((nuint)length + Huge - 1) / Huge * Huge;

    [SupportedOSPlatform("linux")]
    private static partial class Linux
    {
        private const int DontNeed = 4, HugePage = 14;
        private const int ReadWrite = 3, PrivateAnonymous = 0x22;

        public static byte* Map(nuint length)
        {
            byte* start = MapPages(null, length, ReadWrite, PrivateAnonymous, -1, 0);
            return (nint)start != -1 ? start : throw new InsufficientMemoryException(
                $"The system has no {length >> 20} MiB of memory to give: use a smaller model, format or context, or close other programs.");
        }

        public static void Unmap(byte* start, nuint length)
        {
            if (length > 0)
                _ = UnmapPages(start, length);
        }

        public static void AskHuge(byte* start, nuint length) => _ = Advise(start, length, HugePage);

        public static void Release(byte* start, nuint length)
        {
            // Whole pages only: a page at the edge may hold bytes of others.
            nuint page = (nuint)Environment.SystemPageSize, first = ((nuint)start + page - 1) / page * page, end = ((nuint)start + length) / page * page;
            if (end > first)
                _ = Advise((byte*)first, end - first, DontNeed);
        }

        [LibraryImport("libc", EntryPoint = "mmap")]
        private static partial byte* MapPages(byte* at, nuint length, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", EntryPoint = "munmap")]
        private static partial int UnmapPages(byte* start, nuint length);

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int Advise(byte* start, nuint length, int advice);
    }
}
