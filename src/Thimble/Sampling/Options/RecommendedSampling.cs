using System.Globalization;
using Thimble.Models.Files;

namespace Thimble.Sampling;

/// <summary>How a model's makers would have its tokens chosen: the keys <c>general.sampling.*</c> of its file.</summary>
/// <remarks>Source: llama.cpp, <c>common.cpp</c>, for the names and what they mean; Hugging Face's <c>generation_config.json</c> says the same
/// in its own names, which the folder's reader translates.</remarks>
internal static class RecommendedSampling
{
    private const string Prefix = "general.sampling.";

    /// <summary>What a file recommends, and llama.cpp's defaults where it says nothing.</summary>
    /// <exception cref="InvalidDataException">A value is out of its range; the message names its key.</exception>
    public static SamplingOptions Read(ModelFile file)
    {
        SamplingOptions sampling = new();
        if (Number(file, "temp", 0, 100) is { } temperature)
            sampling = sampling with { Temperature = (float)temperature };
        if (Whole(file, "top_k", -1) is { } topK)
            sampling = sampling with { TopK = Math.Max(0, topK) };
        if (Number(file, "top_p", 0, 1) is { } topP)
            sampling = sampling with { TopP = (float)topP };
        if (Number(file, "min_p", 0, 1) is { } minP)
            sampling = sampling with { MinP = (float)minP };
        if (Number(file, "penalty_repeat", 0.01, 100) is { } penalty)
            sampling = sampling with { RepetitionPenalty = (float)penalty };
        if (Whole(file, "penalty_last_n", -1) is { } window)
            sampling = sampling with { PenaltyWindow = window < 0 ? int.MaxValue : window };
        if (file.Metadata.FindText(Prefix + "sequence") is { Length: > 0 } steps)
            sampling = sampling with { Order = Order(file, steps) };
        return Rare(file, sampling);
    }

    private static SamplingOptions Rare(ModelFile file, SamplingOptions sampling)
    {
        if (Number(file, "xtc_probability", 0, 1) is > 0 and var probability)
            sampling = sampling with { Xtc = new() { Probability = (float)probability, Threshold = (float)(Number(file, "xtc_threshold", 0, 1) ?? 0.1) } };
        return Whole(file, "mirostat", 0) switch
        {
            null or 0 => sampling,
            2 => sampling with
            {
                Mirostat = new() { Tau = (float)(Number(file, "mirostat_tau", 0.001, 100) ?? 5), Eta = (float)(Number(file, "mirostat_eta", 0.001, 100) ?? 0.1) },
            },
            var other => throw Wrong(file, "mirostat", other, "0 (off) or 2"),
        };
    }

    private static string[] Order(ModelFile file, string text)
    {
        string[] steps = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(steps, step => !SamplerSteps.IsKnown(step)) is { } unknown
            ? throw Wrong(file, "sequence", $"'{text}', in which '{unknown}' is unknown", SamplerSteps.Known)
            : steps.Distinct().Count() < steps.Length
            ? throw Wrong(file, "sequence", $"'{text}'", "each step once")
            : steps;
    }

    private static double? Number(ModelFile file, string key, double least, double most) => file.Metadata.FindNumber(Prefix + key) is not { } value
        ? null
        : value >= least && value <= most ? value : throw Wrong(file, key, value, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    private static int? Whole(ModelFile file, string key, int least) => file.Metadata.FindNumber(Prefix + key) is not { } value
        ? null
        : value >= least && value <= int.MaxValue && double.IsInteger(value) ? (int)value : throw Wrong(file, key, value, $"a whole number of at least {least}");

    private static InvalidDataException Wrong(ModelFile file, string key, object value, string expected)
    {
        string from = Directory.Exists(file.Path) ? ", from generation_config.json," : "";
        return new(string.Create(CultureInfo.InvariantCulture, $"Metadata key '{Prefix}{key}' of '{file.Path}'{from} is {value}; expected {expected}."));
    }
}
