using Thimble.Sampling;

namespace Thimble;

/// <summary>XTC ("exclude top choices"): now and then all tokens above a threshold but the least likely of them are removed.</summary>
/// <remarks>Source: p-e-w, "Exclude Top Choices (XTC)", text-generation-webui pull request 6335, 2024.</remarks>
public sealed record XtcOptions
{
    /// <summary>How often it acts: 0 (never) to 1 (at every token). Default 0.5, as the author advises.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    public float Probability { get; init => field = OptionRange.Within(value, 0, 1, nameof(Probability)); } = 0.5f;

    /// <summary>Probability from which a token counts as a top choice: 0 to 1; above 0.5 nothing is ever removed. Default 0.1 (author and llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    public float Threshold { get; init => field = OptionRange.Within(value, 0, 1, nameof(Threshold)); } = 0.1f;
}
