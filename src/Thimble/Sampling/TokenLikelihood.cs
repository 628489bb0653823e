namespace Thimble.Sampling;

/// <summary>What the model itself thinks of a chosen token, and which it finds likeliest in its place.</summary>
/// <param name="Own">The token's log-probability.</param>
/// <param name="Top">The likeliest tokens, likeliest first.</param>
internal readonly record struct TokenLikelihood(float? Own, IReadOnlyList<TokenLogProbability>? Top)
{
    /// <summary>Of a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="logits">The model's logits, shape [vocabulary].</param>
    /// <param name="top">How many of the likeliest are wanted; null for nothing at all.</param>
    public static TokenLikelihood Of(int token, ReadOnlySpan<float> logits, int? top)
    {
        if (top is not { } count)
            return default;

        var all = new LogProbabilities(logits);
        var likeliest = new TokenLogProbability[Math.Min(count, logits.Length)];
        all.Top(likeliest);
        return new(all[token], likeliest);
    }
}
