using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The rotation that a file's <c>rope.*</c> keys describe, stretched to longer contexts as they say.</summary>
/// <remarks>Source: linear: Chen et al., "Position Interpolation", 2023, eq. 4; YaRN: Peng et al., 2023, section 3; factors on
/// the frequencies: Meta, Llama 3.1, 2024, and Ding et al., "LongRoPE", 2024, with one set for short contexts and one for long.</remarks>
internal static class RopeScaling
{
    /// <summary>The rotation of a model.</summary>
    /// <param name="from">The file.</param>
    /// <param name="adjacent">Whether a pair is two neighbours, or one value of each half.</param>
    /// <param name="scaled">Whether positions are stretched as the file says.</param>
    /// <param name="frequencyBase">The base; null for the file's.</param>
    /// <param name="factors">Whether factors on the frequencies count, where the file has them.</param>
    public static Rope Read(Blueprint from, bool adjacent, bool scaled = true, float? frequencyBase = null, bool factors = true)
    {
        int size = new HeadCounts(from).KeySize, dimensions = from.File.FindInt("rope.dimension_count") is > 0 and var given ? given : size;
        if (dimensions > size || dimensions % 2 != 0)
            throw from.Wrong("rope.dimension_count", dimensions, $"an even number up to {size}");

        double turn = frequencyBase ?? from.Setting("rope.freq_base") ?? 10_000;
        if (from.Setting("rope.scaling.alpha") is { } alpha)
            turn *= Math.Pow(alpha, dimensions / (dimensions - 2.0));
        double[] frequencies = Rope.Plain(dimensions, turn);
        if (factors && Factors(from, dimensions / 2) is { } divisors)
            frequencies = [.. frequencies.Select((frequency, i) => frequency / divisors[i])];

        double factor = scaled ? Factor(from) : 1;
        float magnitude = from.Setting("rope.scaling.attn_factor") ?? 1;
        return from.File.FindText("rope.scaling.type") == "yarn" && scaled
            ? new(Yarn(from, frequencies, turn, factor), adjacent, magnitude * (float)(Growth(factor, 1) / YarnDivisor(from, factor)))
            : new([.. frequencies.Select(frequency => frequency / factor)], adjacent, magnitude);
    }

    /// <summary>The axes whose positions turn the pairs of heads: time, height and width in stretches, or taking turns.</summary>
    /// <remarks>Source: Wang et al., "Qwen2-VL", 2024, section 2.1 (M-RoPE); Qwen Team, "Qwen3-VL", 2025 (interleaved).</remarks>
    /// <param name="from">The file.</param>
    /// <param name="pairs">Pairs of a head.</param>
    /// <param name="interleaved">Whether axes take turns, each until its share is used up.</param>
    /// <returns>Shape [pairs]; null where the file divides them not at all.</returns>
    public static int[]? Axes(Blueprint from, int pairs, bool interleaved)
    {
        const string key = "rope.dimension_sections";
        if (from.File.Metadata.FindArray($"{from.File.Architecture}.{key}") is not { } array)
            return null;
        long[] sections = array.Integers();
        if (sections.Length is < 3 or > 4 || sections.Any(section => section < 0) || sections.Sum() is 0 || sections.Sum() > pairs)
            throw from.Wrong(key, $"[{string.Join(", ", sections)}]", $"three or four numbers whose sum is at most {pairs}");
        int[] axes = new int[pairs];
        for (int i = 0; i < pairs; i++)
        {
            long at = i % sections.Sum();
            axes[i] = interleaved
                ? (at < 3 * sections[at % 3] ? (int)(at % 3) : 3)
                : at < sections[0] ? 0 : at < sections[0] + sections[1] ? 1 : at < sections[0] + sections[1] + sections[2] ? 2 : 3;
        }

        return axes;
    }

    /// <summary>The rotation of layers that see only keys near by, whose base may be another.</summary>
    /// <param name="from">The file.</param>
    /// <param name="adjacent">Whether a pair is two neighbours, or one value of each half.</param>
    /// <param name="scaled">Whether positions are stretched as the file says.</param>
    /// <param name="frequencyBase">The base, where the file names none for these layers; null for that of the others.</param>
    public static Rope ReadLocal(Blueprint from, bool adjacent, bool scaled, float? frequencyBase = null) =>
        Read(from, adjacent, scaled, from.Setting("rope.freq_base_swa") ?? frequencyBase);

    /// <summary>What latent attention multiplies scores with for the sake of YaRN.</summary>
    public static float LatentScale(Blueprint from, Rope rope)
    {
        double temper = rope.Magnitude * (1 + (0.1 * LogMultiplier(from) * Math.Log(Factor(from))));
        return (float)(temper * temper);
    }

    private static double Factor(Blueprint from) => from.File.FindText("rope.scaling.type") == "none"
        ? 1
        : from.Setting("rope.scaling.factor") ?? from.Setting("rope.scale_linear") ?? 1;

    private static float[]? Factors(Blueprint from, int pairs)
    {
        int original = from.File.FindInt("rope.scaling.original_context_length") ?? from.File.FindInt("context_length") ?? 0;
        return from.FindVector("rope_freqs.weight", pairs)
            ?? from.FindVector(from.Context > original ? "rope_factors_long.weight" : "rope_factors_short.weight", pairs);
    }

    private static double[] Yarn(Blueprint from, double[] frequencies, double turn, double factor)
    {
        int dimensions = 2 * frequencies.Length;
        double context = from.File.FindInt("rope.scaling.original_context_length") ?? from.File.Int("context_length");
        double fast = from.Setting("rope.scaling.yarn_beta_fast") ?? 32, slow = from.Setting("rope.scaling.yarn_beta_slow") ?? 1;
        double low = Math.Max(0, Math.Floor(Turning(fast))), high = Math.Min(dimensions - 1, Math.Ceiling(Turning(slow)));
        return [.. frequencies.Select((frequency, i) =>
        {
            double kept = 1 - Math.Clamp((i - low) / Math.Max(0.001, high - low), 0, 1);
            return (frequency / factor * (1 - kept)) + (frequency * kept);
        })];

        // The pair that makes a given number of turns within the original context.
        double Turning(double turns) => dimensions * Math.Log(context / (turns * 2 * Math.PI)) / (2 * Math.Log(turn));
    }

    /// <summary>How YaRN lets values grow with the stretch.</summary>
    private static double Growth(double factor, double multiplier) => factor <= 1 ? 1 : 1 + (0.1 * multiplier * Math.Log(factor));

    // DeepSeek's files mean by their multiplier that scores grow instead, which LatentScale sees to.
    private static double YarnDivisor(Blueprint from, double factor) => LogMultiplier(from) switch
    {
        0 => 1,
        _ when from.Has("blk.0.attn_kv_a_mqa.weight") => Growth(factor, 1),
        var multiplier => Growth(factor, multiplier),
    };

    // Files with latent attention hold a tenth of it.
    private static double LogMultiplier(Blueprint from) =>
        (from.Setting("rope.scaling.yarn_log_multiplier") ?? 0) * (from.Has("blk.0.attn_kv_a_mqa.weight") ? 10 : 1);
}
