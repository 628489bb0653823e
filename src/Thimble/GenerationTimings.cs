namespace Thimble;

/// <summary>How long a generation took, and what it moved.</summary>
/// <param name="Load">Opening the model, once for all its generations.</param>
/// <param name="FirstToken">From the call to the first token.</param>
/// <param name="Prefill">Computing the prompt.</param>
/// <param name="Decode">Computing the tokens after the first.</param>
/// <param name="PromptTokens">Tokens of the prompt, those taken from the cache included.</param>
/// <param name="CachedTokens">Prompt tokens that a session knew already.</param>
/// <param name="GeneratedTokens">Tokens generated.</param>
/// <param name="BytesPerToken">Bytes of weights and cache that one decoded token reads, at the final length.</param>
public readonly record struct GenerationTimings(
    TimeSpan Load, TimeSpan FirstToken, TimeSpan Prefill, TimeSpan Decode,
    int PromptTokens, int CachedTokens, int GeneratedTokens, long BytesPerToken)
{
    /// <summary>Prompt tokens computed per second; 0 before the first token.</summary>
    public double PrefillTokensPerSecond => Prefill > TimeSpan.Zero ? (PromptTokens - CachedTokens) / Prefill.TotalSeconds : 0;

    /// <summary>Tokens decoded per second; 0 before the second token.</summary>
    public double DecodeTokensPerSecond => Decode > TimeSpan.Zero ? (GeneratedTokens - 1) / Decode.TotalSeconds : 0;
}
