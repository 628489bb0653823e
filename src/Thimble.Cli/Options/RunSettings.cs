using System.Text.Json;
using Thimble.Library;
using Thimble.Planning;

namespace Thimble.Cli.Options;

/// <summary>How a model is opened and what it is asked for, as flags and <c>/set parameter</c> change it.</summary>
internal sealed record RunSettings
{
    /// <summary>How the model is opened.</summary>
    public ModelOptions Opening { get; init; } = new();

    /// <summary>What the model may take, by which the rest of how it is opened is planned; null for no such thing.</summary>
    public PlanOptions? Budget { get; init; }

    /// <summary>What is generated.</summary>
    public GenerationOptions Generation { get; init; } = new();

    /// <summary>What was chosen, by the parameter's name, as it was typed.</summary>
    public IReadOnlyDictionary<string, string> Chosen { get; init; } = new SortedDictionary<string, string>();

    /// <summary>The settings with what a budget leaves to be planned; what was chosen by hand stays.</summary>
    /// <param name="path">The model; null for the one inside the program.</param>
    /// <param name="plan">The plan; null without a budget.</param>
    /// <exception cref="CapacityException">No plan keeps the budget.</exception>
    public RunSettings Planned(string? path, out Plan? plan)
    {
        plan = null;
        if (Budget is null)
            return this;
        string? drafter = Opening.LearntDraft is null && !Opening.Draft.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && Path.Exists(Opening.Draft) ? Opening.Draft : null;
        plan = Planner.Plan(path, Budget with
        {
            Context = Opening.ContextLength,
            Threads = Opening.Threads,
            CacheFormat = Chosen.ContainsKey("cache_type") ? Opening.CacheFormat : null,
            Drafter = drafter,
        }).Required();

        // A drafter that does not fit or does not pay leaves the guessing to what costs nothing.
        return this with { Opening = plan.Apply(drafter is null ? Opening : Opening with { Draft = "auto" }) };
    }

    /// <summary>These settings, and the model's own where they say nothing.</summary>
    /// <param name="defaults">The model's own; null for none.</param>
    /// <param name="terminal">Told of those that mean nothing here.</param>
    /// <exception cref="ArgumentException">One of the model's is out of range.</exception>
    public RunSettings Over(ModelDefaults? defaults, Terminal terminal)
    {
        RunSettings settings = this;
        foreach ((string name, JsonElement value) in defaults?.Parameters ?? new Dictionary<string, JsonElement>())
        {
            if (Chosen.ContainsKey(name))
                continue;
            string[] values = [.. (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value]).Select(one => one.ToString())];
            if (Parameters.All.FirstOrDefault(parameter => parameter.Name == name && parameter.Value is not null) is { } known)
                settings = known.Apply(settings, values, $"The model's parameter '{name}'");
            else
                terminal.Note($"The model's parameter '{name}' means nothing here.");
        }

        return defaults?.ChatTemplate is { } template ? settings with { Opening = settings.Opening with { ChatTemplate = template } } : settings;
    }
}
