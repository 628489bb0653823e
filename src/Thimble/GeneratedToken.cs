namespace Thimble;

/// <summary>One generated token.</summary>
/// <param name="Id">Its id in the vocabulary; −1 for text held back that comes when a generation ends.</param>
/// <param name="Text">The text it completes: empty while a character or a possible stop text is incomplete.</param>
public readonly record struct GeneratedToken(int Id, string Text)
{
    /// <summary>The natural logarithm of how likely the model itself found it, before any sampling step; null unless
    /// <see cref="GenerationOptions.TopLogProbabilities"/> asks for it.</summary>
    public float? LogProbability { get; init; }

    /// <summary>The tokens that the model found likeliest in its place, likeliest first; null unless asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? TopLogProbabilities { get; init; }
}
