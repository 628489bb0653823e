using System.Text.Json;

namespace Thimble.Library;

/// <summary>How a model on the shelf wants to be used where nobody says otherwise.</summary>
public sealed record ModelDefaults
{
    /// <summary>What it is told where a conversation does not begin by telling it; null for nothing.</summary>
    public string? System { get; init; }

    /// <summary>A chat template, in Jinja, that replaces the file's own; null for the file's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Options by Ollama's names: <c>temperature</c>, <c>stop</c>, …</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The files of adapters that belong to it.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];
}
