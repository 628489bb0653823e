using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Attention whose softmax is lowered by a level calibrated beforehand instead of the greatest score, so that chunks of
/// keys need no exchange and may be summed in any order.</summary>
/// <remarks>
/// <para><c>softmax(x) = e^(x−φ) / Σ e^(x−φ)</c> for any φ. With φ and a range chosen from a histogram of real scores, no chunk
/// asks for the others' greatest score and nothing is rescaled. A row that leaves the range is computed again with the online
/// softmax: the outcome is always right, and the row's own scores alone decide it.</para>
/// <para>We changed: floats everywhere, so the range is that of a float's exponential.</para>
/// </remarks>
[Technique("FlashDecoding++", "Hong et al., FlashDecoding++, 2023, section 3 (asynchronized softmax with unified maximum)")]
internal static class FlashDecodingPlusPlus
{
    private static long s_rows, s_fallbacks;

    /// <summary>Rows computed so far, and those among them that left their range and were computed again.</summary>
    public static (long Rows, long Fallbacks) Counts => (Volatile.Read(ref s_rows), Volatile.Read(ref s_fallbacks));

    /// <summary>Runs attention under the head's ranges.</summary>
    public static void Attend<TCells>(scoped in AttentionHead head)
        where TCells : struct, ICells
    {
        if (!head.Parts.IsEmpty)
        {
            Lanes.Best(new Attention<TCells, UnifiedSoftmax>(head));
            return;
        }

        Span<float> peaks = stackalloc float[head.Rows];
        Lanes.Best(new Attention<TCells, UnifiedSoftmax>(head with { Peaks = peaks }));
        Mend<TCells>(in head, peaks);
    }

    /// <summary>Merges a head's parts.</summary>
    public static void Join<TCells>(scoped in AttentionHead head)
        where TCells : struct, ICells
    {
        Span<float> peaks = stackalloc float[head.Rows];
        Lanes.Best(new AttentionJoin(head with { Peaks = peaks }));
        Mend<TCells>(in head, peaks);
    }

    /// <summary>Computes rows again that left their range.</summary>
    private static void Mend<TCells>(scoped in AttentionHead head, ReadOnlySpan<float> peaks)
        where TCells : struct, ICells
    {
        Interlocked.Add(ref s_rows, peaks.Length);
        for (int row = 0; row < peaks.Length; row++)
        {
            if (head.Ranges[head.HeadOf(row)].Holds(peaks[row]))
                continue;

            Interlocked.Increment(ref s_fallbacks);
            Lanes.Best(new Attention<TCells, OnlineSoftmax>(head.Row(row)));
        }
    }
}

/// <summary>The range of one query head's scores.</summary>
/// <param name="Level">What scores are lowered by, φ.</param>
/// <param name="Low">A row whose greatest score lies below this is computed again: its weights might vanish.</param>
/// <param name="High">A row whose greatest score lies above this is computed again: its weights might overflow.</param>
internal readonly record struct UnifiedRange(float Level, float Low, float High)
{
    /// <summary>Whether a row with this greatest score may be weighed under <see cref="Level"/>.</summary>
    public bool Holds(float peak) => peak >= Low && peak <= High;
}

/// <summary>The calibrated level, whatever the scores.</summary>
internal readonly unsafe struct UnifiedSoftmax : ISoftmax
{
    public static float Level<TLane>(float* scores, float scale, float before, float fixedLevel, float* peaks)
        where TLane : unmanaged, ILane<TLane>
    {
        // Lane by lane only: the greatest lane is sought once a row, not once a page.
        var greatest = TLane.Load(in *scores);
        for (int i = TLane.Count; i < KeyValueStore.PageTokens; i += TLane.Count)
            greatest = TLane.Max(greatest, TLane.Load(in scores[i]));
        TLane.Store(TLane.Max(TLane.Load(in *peaks), greatest * TLane.Fill(scale)), ref *peaks);
        return fixedLevel;
    }
}
