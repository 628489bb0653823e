namespace Thimble.Lab.Evaluate;

/// <summary>One question of a suite.</summary>
/// <param name="Id">Its name in the suite.</param>
/// <param name="Group">What it counts towards besides the whole: a subject, a task.</param>
internal abstract record Question(string Id, string Group);

/// <summary>A text that may follow another.</summary>
/// <param name="Context">What stands before, at least one token.</param>
/// <param name="Text">What may follow, with the space it begins with.</param>
internal readonly record struct Continuation(string Context, string Text);

/// <summary>A question with options, answered by the one the model finds likeliest.</summary>
/// <param name="Id">Its name in the suite.</param>
/// <param name="Group">What it counts towards besides the whole.</param>
/// <param name="Options">The options, at least two.</param>
/// <param name="Answer">Which is right.</param>
internal sealed record Choice(string Id, string Group, IReadOnlyList<Continuation> Options, int Answer) : Question(Id, Group)
{
    /// <summary>What the options say, where the model chooses their letters; null where the options say it themselves.</summary>
    public IReadOnlyList<string>? Listed { get; init; }
}

/// <summary>A question answered by writing.</summary>
/// <param name="Id">Its name in the suite.</param>
/// <param name="Group">What it counts towards besides the whole.</param>
/// <param name="Turns">What the user says; each is answered before the next.</param>
/// <param name="Target">The reference answer; empty for none.</param>
/// <param name="MaxTokens">The longest answer.</param>
internal sealed record Exercise(string Id, string Group, IReadOnlyList<string> Turns, string Target, int MaxTokens) : Question(Id, Group)
{
    /// <summary>What a judge is told to grade it by; null for the suite's own way.</summary>
    public string? Rubric { get; init; }

    /// <summary>Texts at which an answer ends.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether it is asked through the model's chat template, where it has one, or continued as it stands.</summary>
    public bool Chat { get; init; } = true;
}

/// <summary>What a model made of a question.</summary>
/// <param name="Id">The question.</param>
internal sealed record Answer(string Id)
{
    /// <summary><c>ln p</c> of each option of a choice.</summary>
    public double[]? LogLikelihoods { get; init; }

    /// <summary>What was written to each turn of an exercise.</summary>
    public string[]? Replies { get; init; }

    /// <summary>What a judge said of it, or how its program ran; null for neither.</summary>
    public string? Review { get; init; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public string? Fault { get; init; }
}

/// <summary>One grade of an answer, in [0, 1].</summary>
/// <param name="Metric">What is graded; the first of a question's grades is the main one.</param>
/// <param name="Value">The grade.</param>
internal readonly record struct Grade(string Metric, double Value);
