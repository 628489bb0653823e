namespace Thimble.Lab.Sense;

/// <summary>From sensor files to the numbers of windows.</summary>
/// <remarks>Source: AutoLife's windows and features: 20 s; steps from the counter, or from peaks of the acceleration where it has none; height from the
/// barometer; a speed only where at least five satellites are heard; networks from −85 dBm on.</remarks>
internal static class WindowReading
{
    private const int Window = 20_000;                        // milliseconds
    private const int FewestSatellites = 5;
    private const double WeakestNetwork = -85;                // dBm
    private const double SeaLevel = 1013.25;                  // hPa
    private const int Rate = 30;                              // samples a second that accelerations are brought to
    private const double Cutoff = 2, Peak = 0.3;              // Hz, m/s²
    private const long FixBefore = 15_000, FixAfter = 30_000; // how old or late a fix may be

    /// <summary>The windows of a session, with the times they begin at.</summary>
    /// <param name="session">The files.</param>
    /// <param name="ownNetwork">The phone's own hotspot, which says nothing of the place; null for none.</param>
    public static IEnumerable<(long Start, WindowFeatures Features)> Of(SensorFiles session, string? ownNetwork = null)
    {
        (long first, long last) = session.Span;
        for (long start = first; start < last; start += Window)
            yield return (start, Read(session, start, Math.Min(start + Window, last), ownNetwork));
    }

    private static WindowFeatures Read(SensorFiles session, long from, long to, string? ownNetwork)
    {
        double seconds = Math.Max(1, to - from) / 1000.0;
        double[] forces = [.. session.Rows("Linear_Accelerometer", from, to).Select(Size)];
        double[] heights = [.. session.Rows("Pressure", from, to).Select(row => 44330 * (1 - Math.Pow(SensorFiles.Number(row, 1) / SeaLevel, 1 / 5.255)))];
        string[] networks =
        [
            .. session.Rows("WiFi", from, to).Where(row => row[3].Length > 0 && row[3] != ownNetwork && SensorFiles.Number(row, 6) >= WeakestNetwork)
                .GroupBy(row => row[3], StringComparer.Ordinal).OrderByDescending(network => network.Max(row => SensorFiles.Number(row, 6))).Select(network => network.Key),
        ];
        return new(Steps(session, from, to) / seconds * 60, forces.Length > 0 ? forces.Average() : 0, heights.Length > 1 ? heights[^1] - heights[0] : null, Speed(session, from, to), networks);
    }

    private static double Steps(SensorFiles session, long from, long to)
    {
        // A row is written only when the count changes, so the count before the window is its beginning.
        double[] counts = [.. session.Rows("Step_Counter", from, to).Select(row => SensorFiles.Number(row, 1))];
        if (counts.Length > 0)
        {
            double[] earlier = [.. session.Rows("Step_Counter", 0, from - 1).Select(row => SensorFiles.Number(row, 1))];
            return counts[^1] - (earlier.Length > 0 ? earlier[^1] : counts[0]);
        }

        return session.Rows("Step_Counter", 0, to).Any() ? 0 : Peaks(session, from, to);
    }

    /// <summary>Steps as peaks of the size of the acceleration, less its mean, behind a low pass.</summary>
    private static int Peaks(SensorFiles session, long from, long to)
    {
        (double Time, double Size)[] samples = [.. session.Rows("Accelerometer", from, to).Select(row => ((SensorFiles.Time(row) - from) / 1000.0, Size(row)))];
        if (samples.Length < 3)
            return 0;
        double mean = samples.Average(sample => sample.Size);
        double[] even = new double[Math.Max(1, (int)(samples[^1].Time * Rate))];
        for (int i = 0, at = 0; i < even.Length; i++)
        {
            double time = (double)i / Rate;
            while (at + 1 < samples.Length && samples[at + 1].Time <= time)
                at++;
            even[i] = samples[at].Size - mean;
        }

        double[] smooth = LowPass(even);
        return Enumerable.Range(1, Math.Max(0, smooth.Length - 2)).Count(i => smooth[i] > Peak && smooth[i] > smooth[i - 1] && smooth[i] >= smooth[i + 1]);
    }

    /// <summary>Butterworth's low pass of second order, by the bilinear transform.</summary>
    private static double[] LowPass(double[] x)
    {
        double warped = Math.Tan(Math.PI * Cutoff / Rate), scale = 1 / (1 + (Math.Sqrt(2) * warped) + (warped * warped));
        double b = warped * warped * scale, a1 = 2 * ((warped * warped) - 1) * scale, a2 = (1 - (Math.Sqrt(2) * warped) + (warped * warped)) * scale;
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double x1 = i > 0 ? x[i - 1] : 0, x2 = i > 1 ? x[i - 2] : 0, y1 = i > 0 ? y[i - 1] : 0, y2 = i > 1 ? y[i - 2] : 0;
            y[i] = (b * (x[i] + (2 * x1) + x2)) - (a1 * y1) - (a2 * y2);
        }

        return y;
    }

    /// <summary>The last fix's speed, the satellites' own before the network's; null where too few satellites are heard.</summary>
    private static double? Speed(SensorFiles session, long from, long to)
    {
        int heard = session.Rows("Satellite", from, to).GroupBy(SensorFiles.Time).Select(scan => scan.Where(row => SensorFiles.Number(row, 4) > 0).Select(row => row[2]).Distinct().Count())
            .DefaultIfEmpty(0).Max();
        if (heard < FewestSatellites)
            return null;
        string[][] fixes = [.. session.Rows("Location", from - FixBefore, to + FixAfter).Where(row => double.IsFinite(SensorFiles.Number(row, 7)))];
        string[]? fix = Array.FindLast(fixes, row => row[1] is "2" or "3") ?? Array.FindLast(fixes, row => row[1] == "1");
        return fix is null ? null : SensorFiles.Number(fix, 7);
    }

    private static double Size(string[] row)
    {
        double x = SensorFiles.Number(row, 1), y = SensorFiles.Number(row, 2), z = SensorFiles.Number(row, 3);
        return Math.Sqrt((x * x) + (y * y) + (z * z));
    }
}
