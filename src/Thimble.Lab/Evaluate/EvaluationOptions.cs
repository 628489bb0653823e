namespace Thimble.Lab.Evaluate;

/// <summary>What a model is asked, and how.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The name that stands for the model inside the library where a path is expected.</summary>
    public const string ModelInside = "default";

    /// <summary>Names of suites; <see cref="Evaluation.Suites"/> lists them.</summary>
    public required IReadOnlyList<string> Suites { get; init; }

    /// <summary>The folder that data sets lie in, each in a folder of its own.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>The most questions of a suite, or windows of a text; null for all. Fewer are spread evenly over the suite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Limit { get; init => field = value < 1 ? throw Refused(nameof(Limit), value, 1) : value; }

    /// <summary>Examples shown before a question, where a suite has some to show; null for what its authors show.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int? Shots { get; init => field = value < 0 ? throw Refused(nameof(Shots), value, 0) : value; }

    /// <summary>A model that answers the same questions, so that it can be said how much of its score is kept; null for none.</summary>
    public string? Reference { get; init; }

    /// <summary>Begins what is drawn: intervals by resampling, random answers.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Tokens of a window where a text is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 8.</exception>
    public int WindowLength { get; init => field = value < 8 ? throw Refused(nameof(WindowLength), value, 8) : value; } = 512;

    /// <summary>How far windows of a text lie behind one another; null for side by side.</summary>
    public int? Stride { get; init; }

    /// <summary>The result's file: answers are kept beside it as they come, in a file of the same name ending in <c>.answers.jsonl</c>; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>Whether answers kept by a run that did not end are taken over.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether programs that a model writes are run; in a separate process with limits on time, memory and network.</summary>
    public bool RunCode { get; init; }

    /// <summary>A model that grades what no rule can; null for none.</summary>
    public string? Judge { get; init; }

    /// <summary>A file with what a judge said before, one JSON object a line; null for none.</summary>
    public string? Judgements { get; init; }

    /// <summary>How the models are opened.</summary>
    public ModelOptions Opening { get; init; } = new();

    internal string? ReferencePath => Path(Reference);

    internal static string? Path(string? model) => model == ModelInside ? null : model;

    private static ArgumentOutOfRangeException Refused(string name, int? value, int least) =>
        new(name, value, $"{name} is {value}; expected {least} or more.");
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Suite">The suite at hand.</param>
/// <param name="Done">Questions answered, or windows read.</param>
/// <param name="Count">Questions or windows in all.</param>
public readonly record struct EvaluationProgress(string Suite, int Done, int Count);
