namespace Thimble;

/// <summary>What to generate, and when to stop.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens to generate; null for as many as the context holds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How tokens are chosen; what is not set in them is as the model's file recommends (<see cref="Model.DefaultSampling"/>).</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The adapters that the text goes through; none changes the model itself.</summary>
    /// <remarks>A session whose last generation had others computes its tokens anew: what was kept of them is another model's.</remarks>
    public IReadOnlyList<AppliedAdapter> Adapters { get; init; } = [];

    /// <summary>Texts at which generation ends; they are not part of what is generated.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>What the text must look like; null for any text. Generation ends once the format is complete.</summary>
    public OutputFormat? Format { get; init; }

    /// <summary>Whether tokens may be guessed ahead where the model was opened with <see cref="ModelOptions.Draft"/>; the text is the same.</summary>
    public bool Drafts { get; init; } = true;

    /// <summary>Whether generation goes on past the tokens that end a text.</summary>
    public bool IgnoreEnd { get; init; }

    /// <summary>Whether special tokens are part of the generated text.</summary>
    public bool ShowSpecial { get; init; }

    /// <summary>Whether special tokens in a prompt's text are read as such. Only for prompts made by a template.</summary>
    public bool ParseSpecial { get; init; }

    /// <summary>Whose request it is: what was computed of a prompt's beginning is shared only within a tenant. Null is the tenant of all who name none.</summary>
    /// <remarks>Tenants get equal shares of the model while it is busy. What one asks for cannot be told from how fast another is served,
    /// other than by how busy the model is.</remarks>
    public string? Tenant { get; init; }

    /// <summary>Goes before requests of lower priority where not all can run at once, default 0. It may be negative.</summary>
    public int Priority { get; init; }

    /// <summary>How long it may take from the call on; a generation that takes longer ends with <see cref="FinishReason.Deadline"/>. Null for any time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan? Deadline
    {
        get;
        init => field = value is { } time && time <= TimeSpan.Zero
            ? throw new ArgumentOutOfRangeException(nameof(Deadline), value, $"Deadline is {value}; expected a time above zero.")
            : value;
    }

    /// <summary>How many of the likeliest tokens come with each generated token, 0 to 20; the generated token's own log-probability then comes too. Null for neither.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or above 20.</exception>
    public int? TopLogProbabilities
    {
        get;
        init => field = value is < 0 or > 20
            ? throw new ArgumentOutOfRangeException(nameof(TopLogProbabilities), value, $"TopLogProbabilities is {value}; expected 0 to 20.")
            : value;
    }
}
