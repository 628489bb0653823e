using Microsoft.Extensions.AI;
using Thimble.Grammar;
using Thimble.Models.Chat;

namespace Thimble;

/// <summary>From what Microsoft.Extensions.AI's options ask of a reply to the format it is held to.</summary>
internal static class ReplyGrammar
{
    /// <summary>The format of a reply; null for any text.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="reply">How the model writes its replies.</param>
    /// <param name="template">The model's template.</param>
    /// <param name="prompt">What is replied to.</param>
    /// <exception cref="NotSupportedException">It is asked for what this line of models, or this build, cannot be held to.</exception>
    /// <exception cref="ArgumentException">A tool is asked for that is not on offer.</exception>
    public static OutputFormat? Of(ChatOptions? options, ReplyFormat reply, ChatTemplate? template, string prompt)
    {
        AIFunctionDeclaration[] tools = [.. (options?.Tools ?? []).OfType<AIFunctionDeclaration>()];
        if (options?.ToolMode is RequiredChatToolMode required)
            return Behind(Required(required, tools, reply, template, options.AllowMultipleToolCalls == false), reply, prompt);

        OutputFormat? text = options?.ResponseFormat is ChatResponseFormatJson json
            ? json.Schema is { } schema ? OutputFormat.JsonSchema(schema) : OutputFormat.Json
            : null;
        bool mayCall = tools.Length > 0 && options?.ToolMode is not NoneChatToolMode;
        if (!mayCall)
            return text is null ? null : Behind(text, reply, prompt);
        var form = CallForm.Of(reply.Name, template?.Text ?? "");
        if (form is null)
            return text is null ? null : throw new NotSupportedException("A ResponseFormat of JSON together with tools that may be called needs a model that writes calls; set ToolMode to None, or ask for JSON once the tools have answered.");
        var calls = OutputFormat.Of(new(form, [.. tools.Select(Declared)], IsRequired: false, options?.AllowMultipleToolCalls == false) { Said = text?.Text });
        return text is null ? calls : Behind(calls, reply, prompt);
    }

    private static OutputFormat Required(RequiredChatToolMode mode, AIFunctionDeclaration[] tools, ReplyFormat reply, ChatTemplate? template, bool isSingle)
    {
        if (mode.RequiredFunctionName is { } name)
        {
            tools = [.. tools.Where(tool => tool.Name == name)];
            if (tools.Length == 0)
                throw new ArgumentException($"ToolMode requires the function '{name}', which is not among the tools on offer.", nameof(mode));
        }

        if (tools.Length == 0)
            throw new ArgumentException("ToolMode requires a call, but there are no tools on offer.", nameof(mode));
        CallForm form = CallForm.Of(reply.Name, template?.Text ?? "") ?? throw new NotSupportedException(
            $"ToolMode requires a call, but calls as '{reply.Name}' models write them cannot be enforced; known: {string.Join(", ", CallForms.Names)}. Use ToolMode Auto.");
        return OutputFormat.Of(new(form, [.. tools.Select(Declared)], IsRequired: true, isSingle || mode.RequiredFunctionName is not null));
    }

    /// <summary>The format behind the reasoning that the prompt has opened, or that the reply may.</summary>
    private static OutputFormat Behind(OutputFormat format, ReplyFormat reply, string prompt)
    {
        foreach ((string open, string close) in reply.Thinking)
        {
            if (prompt.AsSpan().TrimEnd().EndsWith(open.AsSpan().TrimEnd()))
                return format with { After = close };
        }

        return reply.NeedsSpecial && reply.Thinking.Count > 0 ? format with { After = reply.Thinking[0].Close, MayOpen = reply.Thinking[0].Open } : format;
    }

    private static (string, string) Declared(AIFunctionDeclaration tool) => (tool.Name, tool.JsonSchema.GetRawText());
}
