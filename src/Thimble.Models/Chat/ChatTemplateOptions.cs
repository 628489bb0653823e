namespace Thimble.Models.Chat;

/// <summary>What a chat template is rendered with besides the messages.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>The tools on offer, each a JSON object in OpenAI's shape: <c>{"type": "function", "function": {"name": …, "parameters": …}}</c>.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Whether the text ends where the assistant is to speak. True unless set.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether a model that can think first should; null leaves it to the template.</summary>
    public bool? EnableThinking { get; init; }

    /// <summary>The text of the token that begins a sequence.</summary>
    public string BeginText { get; init; } = "";

    /// <summary>The text of the token that ends a sequence.</summary>
    public string EndText { get; init; } = "";

    /// <summary>Further variables by name, each a JSON value: what other engines call <c>chat_template_kwargs</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The clock that templates read the date from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How much the template may spend.</summary>
    public TemplateLimits Limits { get; init; } = new();
}
