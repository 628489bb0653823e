using Thimble.Models.Chat;

namespace Thimble.Server.Chat;

/// <summary>A conversation to be answered, whichever API it came by.</summary>
internal sealed record ChatAsk
{
    /// <summary>The messages, oldest first.</summary>
    public required IReadOnlyList<ChatTurn> Turns { get; init; }

    /// <summary>The tools on offer, each a JSON object in OpenAI's shape.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Whether they are called.</summary>
    public ToolChoice Choice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether several may be called in one reply.</summary>
    public bool CallsInParallel { get; init; } = true;

    /// <summary>Whether the model thinks first; null leaves it to its template.</summary>
    public bool? Thinking { get; init; }

    /// <summary>Further variables of the template, each a JSON value.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the oldest messages may be left out where all do not fit.</summary>
    public bool Truncates { get; init; }

    /// <summary>Sampling and limits.</summary>
    public GenerationOptions Options { get; init; } = new();
}
