using Thimble.Sampling;

namespace Thimble;

/// <summary>Mirostat 2: truncates so that the surprise of the text stays near a target.</summary>
/// <remarks>It stands in for every truncating step; penalties, DRY and temperature still act.
/// Source: Basu et al., "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity", 2021, and its second version
/// in the authors' repository.</remarks>
public sealed record MirostatOptions
{
    /// <summary>Target surprise τ in bits a token: above 0. Default 5 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public float Tau { get; init => field = OptionRange.Above(value, 0, nameof(Tau)); } = 5;

    /// <summary>Learning rate η: how much of the latest error is corrected, above 0. Default 0.1 (llama.cpp).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public float Eta { get; init => field = OptionRange.Above(value, 0, nameof(Eta)); } = 0.1f;
}
