using System.Text.Json;
using Thimble.Grammar;
using Thimble.Models.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>What an answer is held to: the format that is asked for, or the calls that are.</summary>
internal static class AnswerFormat
{
    /// <summary>The format; null for any text.</summary>
    /// <param name="ask">What is asked.</param>
    /// <param name="reply">How the model writes its replies.</param>
    /// <param name="template">The model's template.</param>
    /// <param name="prompt">What is replied to.</param>
    /// <exception cref="Rejection">It asks for what this line of models cannot be held to.</exception>
    public static OutputFormat? Of(ChatAsk ask, ReplyFormat reply, ChatTemplate? template, string prompt)
    {
        if (ask.Choice.IsNeeded)
            return Behind(Required(ask, reply, template), ask, reply, prompt);
        if (ask.Options.Format is { } asked)
        {
            if (ask.FormatsThought || asked is not { After: null, Triggers.Count: 0 })
                return asked;
            return Behind(ask.Tools.Count > 0 ? Either(asked, ask, reply, template) : asked, ask, reply, prompt);
        }

        return ask.Tools.Count > 0 && CallForm.Of(reply.Name, template?.Text ?? "") is { } form
            ? OutputFormat.Of(new(form, [.. ask.Tools.Select(Declared)], IsRequired: false, !ask.CallsInParallel))
            : null;
    }

    /// <summary>Calls, or else a text of the format that is asked for: one of JSON, which can be told from calls.</summary>
    private static OutputFormat Either(OutputFormat asked, ChatAsk ask, ReplyFormat reply, ChatTemplate? template)
    {
        var form = CallForm.Of(reply.Name, template?.Text ?? "");
        if (asked.Kind != FormatKind.JsonSchema || form is null)
        {
            throw Rejection.Of("response_format", $"'response_format' stands beside 'tools' that may be called; {(form is null ? $"calls as '{reply.Name}' models write them cannot be told from it" : "only JSON can be told from calls")}. "
                + "Set 'tool_choice' to none, or ask for the format once the tools have answered.");
        }

        return OutputFormat.Of(new(form, [.. ask.Tools.Select(Declared)], IsRequired: false, !ask.CallsInParallel) { Said = asked.Text });
    }

    private static OutputFormat Required(ChatAsk ask, ReplyFormat reply, ChatTemplate? template)
    {
        CallForm form = CallForm.Of(reply.Name, template?.Text ?? "")
            ?? throw Rejection.Of("tool_choice", $"'tool_choice' asks for a call in any case, which models that write calls as '{reply.Name}' cannot be held to; expected auto or none.");
        (string Name, string Parameters)[] tools =
            [.. ask.Tools.Select(Declared).Where(tool => ask.Choice.Name is null || tool.Name == ask.Choice.Name)];
        return tools.Length > 0
            ? OutputFormat.Of(new(form, tools, IsRequired: true, !ask.CallsInParallel || ask.Choice.Name is not null))
            : throw Rejection.Of("tool_choice", $"'tool_choice' asks for the function '{ask.Choice.Name}', which is none of 'tools'.");
    }

    /// <summary>The format behind the thought that the prompt has opened, or that the reply may: it holds for what is said.</summary>
    private static OutputFormat Behind(OutputFormat format, ChatAsk ask, ReplyFormat reply, string prompt)
    {
        foreach ((string open, string close) in reply.Thinking)
        {
            if (prompt.AsSpan().TrimEnd().EndsWith(open.AsSpan().TrimEnd()))
                return format with { After = close };
        }

        return ask.Thinking != false && reply.NeedsSpecial && reply.Thinking.Count > 0 ? format with { After = reply.Thinking[0].Close, MayOpen = reply.Thinking[0].Open } : format;
    }

    private static (string Name, string Parameters) Declared(string tool)
    {
        using var json = JsonDocument.Parse(tool, new() { MaxDepth = 256 });
        JsonElement function = json.RootElement.GetProperty("function");
        return (function.GetProperty("name").GetString()!, function.TryGetProperty("parameters", out JsonElement schema) ? schema.GetRawText() : "{}");
    }
}
