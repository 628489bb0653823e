using System.Diagnostics;
using System.Globalization;

namespace Thimble.Peers.Scores;

/// <summary>How much of the machine others took: processes beside this one, and the host by steal; and how much slower a loop got.</summary>
internal sealed class Disturbance
{
    /// <summary>Share of the processors from which on a measurement is marked.</summary>
    public const double Limit = 0.05;

    private const double TickSeconds = 0.01;

    private static double s_quietSpin = double.MaxValue;

    private readonly (double Busy, double Stolen) _before = Read();
    private readonly TimeSpan _own = Process.GetCurrentProcess().TotalProcessorTime;
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>The share of all processors that others have had since this was made.</summary>
    public double Share
    {
        get
        {
            double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            (double busy, double stolen) = Read();
            double own = (Process.GetCurrentProcess().TotalProcessorTime - _own).TotalSeconds;
            double others = Math.Max(0, busy - _before.Busy - own) + (stolen - _before.Stolen);
            return Math.Max(0, others - (2 * TickSeconds)) / (seconds * Environment.ProcessorCount);
        }
    }

    /// <summary>Waits until the machine is quiet.</summary>
    /// <param name="patience">How long at most.</param>
    public static void Await(TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            var look = new Disturbance();
            Thread.Sleep(200);   // also lets the workers of both engines park
            double spin = Spin();
            s_quietSpin = Math.Min(s_quietSpin, spin);
            if (look.Share < Limit && spin < s_quietSpin * 1.1)
                return;
        }
        while (Stopwatch.GetElapsedTime(start) < patience);
    }

    /// <summary>Seconds that a fixed loop takes: the best of three.</summary>
    private static double Spin()
    {
        double best = double.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            uint state = 1;
            for (int i = 0; i < 2_000_000; i++)
                state = (state * 1_664_525) + 1_013_904_223;
            GC.KeepAlive(state);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Seconds that all processors have worked, and that the host has taken.</summary>
    private static (double Busy, double Stolen) Read()
    {
        // cpu user nice system idle iowait irq softirq steal: the first line sums all processors.
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double[] ticks = [.. fields.Skip(1).Take(8).Select(field => double.Parse(field, CultureInfo.InvariantCulture) * TickSeconds)];
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], ticks[7]);
    }
}
