using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Thimble.Peers.Scores;

/// <summary>Seconds, by the wall or by the processor.</summary>
internal static partial class Clocks
{
    private const int ProcessTime = 2;   // CLOCK_PROCESS_CPUTIME_ID

    /// <summary>Seconds that have passed.</summary>
    public static double Wall() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    /// <summary>Seconds that this process has computed: on one thread, what the wall would say were the machine quiet.</summary>
    /// <remarks>Not so for several threads, which spin while they wait for each other; nor for what shared caches and memory lose.</remarks>
    public static double Processor()
    {
        _ = GetTime(ProcessTime, out Instant time);
        return time.Seconds + (time.Nanoseconds * 1e-9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Instant time);

    private struct Instant
    {
        public long Seconds, Nanoseconds;
    }
}
