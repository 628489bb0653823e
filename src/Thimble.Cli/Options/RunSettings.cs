namespace Thimble.Cli.Options;

/// <summary>How a model is opened and what it is asked for, as flags and <c>/set parameter</c> change it.</summary>
internal sealed record RunSettings
{
    /// <summary>How the model is opened.</summary>
    public ModelOptions Opening { get; init; } = new();

    /// <summary>What is generated.</summary>
    public GenerationOptions Generation { get; init; } = new();

    /// <summary>What was chosen, by the parameter's name, as it was typed.</summary>
    public IReadOnlyDictionary<string, string> Chosen { get; init; } = new SortedDictionary<string, string>();
}
