namespace Thimble.Models.Chat;

/// <summary>What a chat template makes use of, found by rendering it.</summary>
/// <param name="SystemRole">Whether the text of a <c>system</c> message appears.</param>
/// <param name="Tools">Whether tools on offer appear.</param>
/// <param name="ToolCalls">Whether an assistant's calls of tools appear.</param>
/// <param name="ToolResults">Whether the text of a <c>tool</c> message appears.</param>
/// <param name="Reasoning">Whether an assistant's reasoning appears before a call of tools.</param>
/// <param name="ThinkingSwitch">Whether <see cref="ChatTemplateOptions.EnableThinking"/> changes the text.</param>
/// <param name="GenerationPrompt">Whether <see cref="ChatTemplateOptions.AddGenerationPrompt"/> changes the text.</param>
/// <param name="OpensThinking">Whether the generation prompt, with thinking on, itself opens the reasoning, so that a model's output begins inside it.</param>
public sealed record ChatTemplateTraits(
    bool SystemRole, bool Tools, bool ToolCalls, bool ToolResults, bool Reasoning, bool ThinkingSwitch, bool GenerationPrompt, bool OpensThinking)
{
    /// <summary>Whether contents appear only where they come in parts, each of a kind.</summary>
    public bool Parts { get; init; }
}
