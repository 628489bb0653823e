using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Attention whose softmax is lowered by a level calibrated beforehand instead of the greatest score, so that chunks of
/// keys need no exchange and may be summed in any order.</summary>
/// <remarks>
/// <para><c>softmax(x) = e^(x−φ) / Σ e^(x−φ)</c> for any φ. With φ and a range chosen from a histogram of real scores, no chunk
/// asks for the others' greatest score and nothing is rescaled. A row that leaves the range is computed again with the online
/// softmax: the outcome is always right, and the row's own scores alone decide it.</para>
/// <para>We changed: a row is judged by its greatest score only, sought lane by lane and across lanes once a row; and the range is set
/// by the rounding of x − φ, long before a float's exponential overflows.</para>
/// <para>The paper's flat products of few tokens (section 4) are the ways of <see cref="PanelProducts{TNumbers, TScales}"/>, which need
/// no padding and let the processor fetch ahead; its choice of a product by shape (section 5) is <see cref="Dataflow"/>, measured
/// when a shape first meets several tokens.</para>
/// </remarks>
[Technique("FlashDecoding++", "Hong et al., FlashDecoding++, 2023, section 3 (asynchronized softmax with unified maximum)")]
internal sealed class FlashDecodingPlusPlus
{
    private readonly List<UnifiedLayer?> _layers = [];

    /// <summary>Whether scores are gathered: every row is computed with the online softmax too, which gives the outcome.</summary>
    public bool IsCalibrating { get; private set; } = true;

    /// <summary>Rows computed since the calibration, and those among them that left their range and were computed again.</summary>
    public (long Rows, long Fallbacks) Counts
    {
        get
        {
            (long rows, long fallbacks) = (0, 0);
            foreach (UnifiedLayer? layer in _layers)
                (rows, fallbacks) = (rows + (layer?.Rows ?? 0), fallbacks + (layer?.Fallbacks ?? 0));
            return (rows, fallbacks);
        }
    }

    /// <summary>A layer's ranges; a layer first met after the calibration has none that holds. Not for several threads.</summary>
    /// <param name="number">The layer.</param>
    /// <param name="heads">Its query heads.</param>
    public UnifiedLayer Layer(int number, int heads)
    {
        while (_layers.Count <= number)
            _layers.Add(null);
        return _layers[number] ??= new UnifiedLayer(heads, IsCalibrating);
    }

    /// <summary>Ends the calibration: every head's range is set by what was gathered.</summary>
    public void EndCalibration()
    {
        IsCalibrating = false;
        foreach (UnifiedLayer? layer in _layers)
            layer?.EndCalibration();
    }

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
        for (int row = 0; row < peaks.Length; row++)
        {
            if (!head.Unified!.Takes(head.HeadOf(row), peaks[row]))
                Lanes.Best(new Attention<TCells, OnlineSoftmax>(head.Row(row)));
        }
    }
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
