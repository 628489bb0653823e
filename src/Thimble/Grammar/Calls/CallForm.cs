namespace Thimble.Grammar;

/// <summary>How a line of models writes a call of a tool as JSON.</summary>
/// <param name="Open">The mark before the calls; empty where a reply that begins with the call is one.</param>
/// <param name="Close">The mark behind them; empty for none.</param>
/// <param name="Name">The key of the tool's name.</param>
/// <param name="Arguments">The key of the arguments.</param>
internal sealed record CallForm(string Open, string Close, string Name = "name", string Arguments = "arguments")
{
    /// <summary>Whether the calls stand in one list; otherwise each has its own marks.</summary>
    public bool IsList { get; init; }

    /// <summary>The text between a name that stands alone and the arguments; null where both are in an object.</summary>
    public string? Between { get; init; }

    /// <summary>The form of a line of models; null for one whose calls are not written as JSON.</summary>
    /// <param name="family">The line's name.</param>
    /// <param name="template">The model's template, where lines have several forms.</param>
    public static CallForm? Of(string family, string template) => family switch
    {
        "hermes" or "generic" => new("<tool_call>", "</tool_call>"),
        "llama3" => new("", "", Arguments: "parameters"),
        "granite" when template.Contains("<|tool_call|>", StringComparison.Ordinal) => new("<|tool_call|>", "") { IsList = true },
        "nemotron" => new("<TOOLCALL>", "</TOOLCALL>") { IsList = true },
        "apriel" => new("<tool_calls>", "</tool_calls>") { IsList = true },
        "firefunction" => new("functools", "") { IsList = true },
        "command-r7b" => new("<|START_ACTION|>", "<|END_ACTION|>", "tool_name", "parameters") { IsList = true },
        "gigachat" => new("<|function_call|>", ""),
        "mistral" when template.Contains("[ARGS]", StringComparison.Ordinal) => new("[TOOL_CALLS]", "") { Between = "[ARGS]" },
        "mistral" => new("[TOOL_CALLS]", "") { IsList = true },
        "kimi" => new("<|tool_call_begin|>", "<|tool_call_end|>") { Between = "<|tool_call_argument_begin|>" },
        _ => null,
    };
}
