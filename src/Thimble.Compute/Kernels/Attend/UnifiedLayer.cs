namespace Thimble.Compute.Kernels;

/// <summary>One attention layer's calibrated score ranges, and the histograms they are drawn from.</summary>
internal sealed class UnifiedLayer
{
    private const int Bins = 1024;
    private const float Width = 0.5f, Least = -Bins / 2 * Width, Outside = 1e-4f;

    private readonly int[]? _histogram;   // [heads, bins] of rows' greatest scores
    private bool _calibrating;
    private long _rows, _fallbacks;

    /// <summary>A layer whose ranges hold nothing yet.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="calibrating">Whether scores are gathered at first.</param>
    public UnifiedLayer(int heads, bool calibrating)
    {
        Ranges = new UnifiedRange[heads];
        Array.Fill(Ranges, new(0, float.PositiveInfinity, float.NegativeInfinity));
        _calibrating = calibrating;
        _histogram = calibrating ? new int[heads * Bins] : null;
    }

    /// <summary>Each query head's range.</summary>
    public UnifiedRange[] Ranges { get; }

    /// <summary>Rows judged since the calibration.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Rows among them that left their range.</summary>
    public long Fallbacks => Volatile.Read(ref _fallbacks);

    /// <summary>Whether a row may be weighed under its head's level.</summary>
    /// <param name="head">The query head.</param>
    /// <param name="peak">The row's greatest score.</param>
    public bool Takes(int head, float peak)
    {
        if (_calibrating)
        {
            int bin = (int)Math.Clamp((peak - Least) / Width, 0, Bins - 1);
            Interlocked.Increment(ref _histogram![(head * Bins) + bin]);
            return false;
        }

        Interlocked.Increment(ref _rows);
        if (Ranges[head].Holds(peak))
            return true;

        Interlocked.Increment(ref _fallbacks);
        return false;
    }

    /// <summary>Sets every range to the middle of its head's gathered scores.</summary>
    public void EndCalibration()
    {
        for (int head = 0; head < Ranges.Length && _calibrating; head++)
        {
            ReadOnlySpan<int> bins = _histogram.AsSpan(head * Bins, Bins);
            long all = 0;
            foreach (int count in bins)
                all += count;
            if (all > 0)
                Ranges[head] = UnifiedRange.Around(Least + (Width / 2 * (Quantile(bins, all * Outside) + Quantile(bins, all * (1 - Outside)) + 1)));
        }

        _calibrating = false;
    }

    private static int Quantile(ReadOnlySpan<int> bins, float rank)
    {
        long below = 0;
        for (int bin = 0; bin < bins.Length; bin++)
        {
            below += bins[bin];
            if (below > rank)
                return bin;
        }

        return bins.Length - 1;
    }
}

/// <summary>The range of one query head's scores.</summary>
/// <param name="Level">What scores are lowered by, φ.</param>
/// <param name="Low">A row whose greatest score lies below this is computed again: its weights might vanish.</param>
/// <param name="High">A row whose greatest score lies above this is computed again: its weights might overflow.</param>
internal readonly record struct UnifiedRange(float Level, float Low, float High)
{
    /// <summary>Half the width of a range: within it, x − φ of the greatest score is rounded by at most 1e-6.</summary>
    public const float Reach = 24;

    /// <summary>The widest range around a level.</summary>
    public static UnifiedRange Around(float level) => new(level, level - Reach, level + Reach);

    /// <summary>Whether a row with this greatest score may be weighed under <see cref="Level"/>.</summary>
    public bool Holds(float peak) => peak >= Low && peak <= High;
}
