using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>What scores are lowered by before the exponential, so that it neither overflows nor vanishes.</summary>
internal unsafe interface ISoftmax
{
    /// <summary>The level under which the scores of one row and page are weighed.</summary>
    /// <param name="scores">Products of one row with a page's keys, −∞ where unseen.</param>
    /// <param name="scale">Positive factor that makes scores of them.</param>
    /// <param name="before">The level of the pages before, −∞ where there were none.</param>
    /// <param name="fixedLevel">The level calibrated for this head.</param>
    /// <param name="peaks">One register of the row's own, kept from page to page; −∞ at first.</param>
    static abstract float Level<TLane>(float* scores, float scale, float before, float fixedLevel, float* peaks)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>The greatest score so far.</summary>
internal readonly unsafe struct OnlineSoftmax : ISoftmax
{
    public static float Level<TLane>(float* scores, float scale, float before, float fixedLevel, float* peaks)
        where TLane : unmanaged, ILane<TLane>
    {
        var greatest = TLane.Load(in *scores);
        for (int i = TLane.Count; i < Memory.KeyValueStore.PageTokens; i += TLane.Count)
            greatest = TLane.Max(greatest, TLane.Load(in scores[i]));
        return MathF.Max(before, TLane.Max(greatest) * scale);
    }
}
