namespace Thimble.Server.Http;

/// <summary>What is known of a request once it is answered: for the log, the measures and the traces.</summary>
internal sealed class RequestFacts
{
    /// <summary>The model that was asked; null where none was.</summary>
    public string? Model { get; set; }

    /// <summary>What it did, by the words of the gen_ai conventions: <c>chat</c>, <c>text_completion</c>, <c>embeddings</c>.</summary>
    public string? Operation { get; set; }

    /// <summary>Tokens read, those from the cache included.</summary>
    public long PromptTokens { get; set; }

    /// <summary>Tokens that the cache held.</summary>
    public long CachedTokens { get; set; }

    /// <summary>Tokens written.</summary>
    public long GeneratedTokens { get; set; }

    /// <summary>From the model's start to its first token.</summary>
    public TimeSpan? FirstToken { get; set; }

    /// <summary>From the first token to the last.</summary>
    public TimeSpan Decode { get; set; }

    /// <summary>Why it ended, in the words of the API.</summary>
    public string? Finish { get; set; }

    /// <summary>The prompt as the model read it; kept only where the operator asked for prompts in the log.</summary>
    public string? Prompt { get; set; }

    /// <summary>A model begins to compute.</summary>
    public void Begin(string operation, string model, string? prompt) => (Operation, Model, Prompt) = (operation, model, prompt);

    /// <summary>Adds what a generation came to.</summary>
    public void Count(Generation generation) => Count(generation.Timings);

    /// <summary>Adds what a generation came to.</summary>
    public void Count(GenerationTimings timings)
    {
        PromptTokens += timings.PromptTokens;
        CachedTokens += timings.CachedTokens;
        GeneratedTokens += timings.GeneratedTokens;
        FirstToken ??= timings.GeneratedTokens > 0 ? timings.FirstToken : null;
        Decode = timings.Decode > Decode ? timings.Decode : Decode;
    }
}
