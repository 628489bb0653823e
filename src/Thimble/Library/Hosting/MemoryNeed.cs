namespace Thimble.Library;

/// <summary>The memory that a model will take, known from its header before it is opened.</summary>
/// <param name="Weights">Bytes of its tensors.</param>
/// <param name="CacheBytesPerToken">Bytes of keys and values for one token.</param>
/// <param name="LeastTokens">Tokens of cache below which opening it makes no sense.</param>
/// <param name="MostTokens">Tokens of cache beyond which it would gain nothing.</param>
internal sealed record MemoryNeed(long Weights, long CacheBytesPerToken, long LeastTokens, long MostTokens)
{
    // A chat of some length fits; and four texts of the whole context at once.
    private const int LeastContext = 4096, MostContexts = 4;

    /// <summary>The least memory it can be opened in.</summary>
    public long Least => Weights + (LeastTokens * CacheBytesPerToken);

    /// <summary>What a model takes when it is opened so.</summary>
    public static MemoryNeed Of(ModelSummary summary, ModelOptions options)
    {
        long perToken = (summary.CacheBytesPerToken ?? 0) * (options.CacheFormat switch { "F32" => 64, "Q8_0" => 17, "Q4_0" => 9, _ => 32 }) / 32;
        // Weights that are not packed lie in the mapped file: the system takes that memory back when it needs it.
        long weights = options.Packed ? summary.Bytes : 0;
        if (options.CacheTokens is { } tokens)
            return new(weights, perToken, tokens, tokens);

        long context = options.ContextLength ?? summary.ContextLength ?? LeastContext;
        return new(weights, perToken, Math.Min(context, LeastContext), context * MostContexts);
    }

    /// <summary>Tokens of cache to take where so much memory is free: half of what the weights leave, since others may come.</summary>
    public long TokensIn(long free) =>
        CacheBytesPerToken == 0 ? MostTokens : Math.Clamp((free - Weights) / 2 / CacheBytesPerToken, LeastTokens, MostTokens);
}
