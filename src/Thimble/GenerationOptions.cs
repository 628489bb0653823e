namespace Thimble;

/// <summary>What to generate, and when to stop.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens to generate; null for as many as the context holds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The adapters that the text goes through; none changes the model itself.</summary>
    /// <remarks>A session whose last generation had others computes its tokens anew: what was kept of them is another model's.</remarks>
    public IReadOnlyList<AppliedAdapter> Adapters { get; init; } = [];

    /// <summary>Texts at which generation ends; they are not part of what is generated.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>What the text must look like; null for any text. Generation ends once the format is complete.</summary>
    public OutputFormat? Format { get; init; }

    /// <summary>Whether generation goes on past the tokens that end a text.</summary>
    public bool IgnoreEnd { get; init; }

    /// <summary>Whether special tokens are part of the generated text.</summary>
    public bool ShowSpecial { get; init; }

    /// <summary>Whether special tokens in a prompt's text are read as such. Only for prompts made by a template.</summary>
    public bool ParseSpecial { get; init; }
}
