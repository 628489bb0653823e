namespace Thimble;

/// <summary>How a model is opened.</summary>
public sealed record ModelOptions
{
    /// <summary>Threads that compute; null for one on each physical core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or above 1024.</exception>
    public int? Threads { get; init => field = value is < 1 or > 1024 ? throw Refused(nameof(Threads), value, "1 to 1024") : value; }

    /// <summary>The most tokens of one sequence; null for what the model was made for.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The most tokens of all sequences together whose keys and values are kept; null for half of the free memory.</summary>
    public long? CacheTokens { get; init; }

    /// <summary>A chat template, in Jinja, that replaces the file's own; null for the file's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>A projector file (<c>mmproj</c>, GGUF), with which the model sees images; null for the one beside the model's file, if there is one.</summary>
    public string? Projector { get; init; }

    /// <summary>How keys and values are stored: <c>F16</c>, <c>BF16</c>, <c>F32</c>, <c>Q8_0</c> or <c>Q4_0</c>.</summary>
    /// <remarks><c>Q8_0</c> takes 53 % of the memory of F16, <c>Q4_0</c> 28 %; both need heads whose size is a multiple of 32.</remarks>
    public string CacheFormat { get; init; } = "F16";

    /// <summary>Whether activations stay 32-bit floats instead of being rounded to 8 bits before they meet quantised weights.</summary>
    /// <remarks>Several times slower; for reference results.</remarks>
    public bool Exact { get; init; }

    /// <summary>Whether quantised weights are packed for speed when the model is opened; if not, they are multiplied as they lie in the file.</summary>
    /// <remarks>Packing reads the whole file once and keeps the weights in memory of their own; without it a model opens at once.</remarks>
    public bool Packed { get; init; } = true;

    /// <summary>Whether the softmax of attention is lowered by levels calibrated when the model is opened, so that parts of long
    /// sequences need no exchange; scores beyond the calibrated range are noticed and computed in the plain way.</summary>
    /// <remarks>Results are as exact, but not bit for bit those of the plain way.</remarks>
    public bool UnifiedSoftmax { get; init; }

    /// <summary>The most prompt tokens computed in one step, at least 1. More is faster, less lets others take turns sooner.</summary>
    public int PrefillChunk { get; init => field = value < 1 ? throw Refused(nameof(PrefillChunk), value, "at least 1") : value; } = 512;

    /// <summary>The most prompt tokens computed in a step in which other generations write, at least 1: what keeps those fluent while a long prompt is read.</summary>
    public int MixedChunk { get; init => field = value < 1 ? throw Refused(nameof(MixedChunk), value, "at least 1") : value; } = 64;

    /// <summary>The most generations computed side by side, at least 1; others wait.</summary>
    public int MaxSequences { get; init => field = value < 1 ? throw Refused(nameof(MaxSequences), value, "at least 1") : value; } = 64;

    /// <summary>The most tokens kept of generations that have ended, for prompts that begin like them; 0 for none, null for sixteen contexts, at most a quarter of the cache.</summary>
    public long? PrefixTokens { get; init => field = value < 0 ? throw Refused(nameof(PrefixTokens), value, "at least 0") : value; }

    /// <summary>Who guesses several tokens at once, which the model then checks in one step: <c>off</c>; <c>lookup</c>, what followed before in the text and in
    /// texts of this model before it; <c>auto</c>, whatever is fastest without another model; the path of a smaller model, of any vocabulary, or of Medusa heads
    /// for this one (safetensors); <c>exit:N</c>, this model's first N layers; or <c>lookahead</c>, the model itself.</summary>
    /// <remarks>The text is token for token the one written without guesses. Where guessing would lose time, it is left out.</remarks>
    public string Draft { get; init; } = "off";

    /// <summary>Where the smaller model is written (GGUF) when this one is closed, after it was trained, whenever there was nothing else to do, on what this one said;
    /// null for a smaller model that does not learn. Nothing is written where nothing was learnt.</summary>
    /// <remarks>Give it as <see cref="Draft"/> the next time. Training is in Thimble.Lab, which says so by <c>DraftLearning.Enable()</c>.</remarks>
    public string? LearntDraft { get; init; }

    /// <summary>The most bytes that guessing may take: the smaller model with its cache, what checking a tree of guesses takes, or texts remembered.
    /// Null for what it needs.</summary>
    /// <remarks>Opening throws a <see cref="CapacityException"/> that names the least where it is too little.</remarks>
    public long? DraftMemory { get; init => field = value < 0 ? throw Refused(nameof(DraftMemory), value, "at least 0") : value; }

    /// <summary>Whether drafts are neither cut short nor left out where they do not pay: to check that they change no text.</summary>
    internal bool DraftsAlways { get; init; }

    /// <summary>The most bytes of the model's layers that are in memory at once, at least two layers; the others are read from disk for every step, the next while one is computed.
    /// Null for all of them.</summary>
    /// <remarks>The layers are first copied to a file of their own in the system's folder for temporary files, which is deleted at the end. With a smaller model as <see cref="Draft"/>, guessing goes
    /// on while a step waits for the disk, and one reading of the weights serves several tokens.</remarks>
    public long? StreamMemory { get; init => field = value < 1 ? throw Refused(nameof(StreamMemory), value, "at least 1") : value; }

    private static ArgumentOutOfRangeException Refused(string name, object? value, string expected) =>
        new(name, value, $"{name} is {value}; expected {expected}.");
}
