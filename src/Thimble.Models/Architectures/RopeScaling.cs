using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The rotation that a file's <c>rope.*</c> keys describe, stretched to longer contexts as they say.</summary>
/// <remarks>Source: linear: Chen et al., "Position Interpolation", 2023, eq. 4; YaRN: Peng et al., 2023, section 3; the
/// factors of <c>rope_freqs.weight</c> (Llama 3.1) divide the frequencies.</remarks>
internal static class RopeScaling
{
    /// <summary>The rotation of a model.</summary>
    /// <param name="blueprint">The file.</param>
    /// <param name="headSize">Floats of a head, rotated whole unless the file says less.</param>
    /// <param name="adjacent">Whether a pair is two neighbours, or one value of each half.</param>
    public static Rope Read(Blueprint blueprint, int headSize, bool adjacent)
    {
        var file = blueprint.File;
        int dimensions = file.FindInt("rope.dimension_count") is > 0 and var given ? given : headSize;
        if (dimensions > headSize || dimensions % 2 != 0)
        {
            throw new InvalidDataException(
                $"Metadata key '{file.Architecture}.rope.dimension_count' of '{file.Path}' is {dimensions}; expected an even number up to {headSize}.");
        }

        double frequencyBase = file.FindFloat("rope.freq_base") is > 0 and var stated ? stated : 10_000;
        double[] frequencies = Rope.Plain(dimensions, frequencyBase);
        if (blueprint.FindVector("rope_freqs.weight", dimensions / 2) is { } factors)
        {
            for (int i = 0; i < factors.Length; i++)
                frequencies[i] /= factors[i];
        }

        string? type = file.FindText("rope.scaling.type");
        double factor = file.FindFloat("rope.scaling.factor") ?? file.FindFloat("rope.scale_linear") ?? 0;
        if (factor is 0 or 1 || type == "none")
            return new(frequencies, adjacent);

        if (type != "yarn")
            return new([.. frequencies.Select(frequency => frequency / factor)], adjacent);

        double context = file.FindInt("rope.scaling.original_context_length") ?? file.Int("context_length");
        double fast = file.FindFloat("rope.scaling.yarn_beta_fast") ?? 32, slow = file.FindFloat("rope.scaling.yarn_beta_slow") ?? 1;
        double low = Math.Max(0, Math.Floor(Turning(fast))), high = Math.Min(dimensions - 1, Math.Ceiling(Turning(slow)));
        for (int i = 0; i < frequencies.Length; i++)
        {
            double kept = 1 - Math.Clamp((i - low) / Math.Max(0.001, high - low), 0, 1);
            frequencies[i] = (frequencies[i] / factor * (1 - kept)) + (frequencies[i] * kept);
        }

        double attention = file.FindFloat("rope.scaling.attn_factor") ?? 1;
        return new(frequencies, adjacent, (float)(attention * (1 + (0.1 * Math.Log(factor)))));

        // The pair that makes a given number of turns within the original context.
        double Turning(double turns) => dimensions * Math.Log(context / (turns * 2 * Math.PI)) / (2 * Math.Log(frequencyBase));
    }
}
