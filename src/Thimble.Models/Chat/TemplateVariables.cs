namespace Thimble.Models.Chat;

/// <summary>Messages and options as the variables that chat templates read, in the shapes transformers hands over.</summary>
internal static class TemplateVariables
{
    /// <summary>The variables of one render.</summary>
    public static Dictionary<string, JinjaValue> Of(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options)
    {
        var variables = new Dictionary<string, JinjaValue>(StringComparer.Ordinal)
        {
            ["messages"] = new ListValue([.. turns.Select(Turn)]),
            ["tools"] = options.Tools.Count == 0 ? NoneValue.Instance : new ListValue([.. options.Tools.Select(Tool)]),
            ["documents"] = NoneValue.Instance,
            ["add_generation_prompt"] = JinjaValue.Of(options.AddGenerationPrompt),
            ["bos_token"] = JinjaValue.Of(options.BeginText),
            ["eos_token"] = JinjaValue.Of(options.EndText),
        };
        if (options.EnableThinking is { } thinks)
            variables["enable_thinking"] = JinjaValue.Of(thinks);
        foreach ((string name, string json) in options.Variables)
        {
            variables[name] = JsonValues.TryRead(json, out JinjaValue? value)
                ? value
                : throw new ArgumentException($"Template variable '{name}' holds no JSON: {json}", nameof(options));
        }
        return variables;
    }

    private static JinjaValue Tool(string json, int place) => JsonValues.TryRead(json, out JinjaValue? tool) && tool is DictValue
        ? tool
        : throw new ArgumentException($"Tool {place} is no JSON object; expected {{\"type\": \"function\", \"function\": …}}, got: {json}", nameof(json));

    private static JinjaValue Turn(ChatTurn turn)
    {
        var message = new DictValue { ["role"] = JinjaValue.Of(turn.Role) };
        message["content"] = turn.Parts is { } parts
            ? new ListValue([.. parts.Select(Part)])
            : turn.Content is null ? NoneValue.Instance : JinjaValue.Of(turn.Content);
        if (turn.Reasoning is not null)
            message["reasoning_content"] = JinjaValue.Of(turn.Reasoning);
        if (turn.ToolCalls.Count > 0)
            message["tool_calls"] = new ListValue([.. turn.ToolCalls.Select(Call)]);
        if (turn.ToolCallId is not null)
            message["tool_call_id"] = JinjaValue.Of(turn.ToolCallId);
        if (turn.Name is not null)
            message["name"] = JinjaValue.Of(turn.Name);
        return message;
    }

    private static JinjaValue Part(ChatPart part)
    {
        var value = new DictValue { ["type"] = JinjaValue.Of(part.Kind) };
        if (part.Text is not null)
            value["text"] = JinjaValue.Of(part.Text);
        return value;
    }

    private static JinjaValue Call(ChatToolCall call)
    {
        var function = new DictValue { ["name"] = JinjaValue.Of(call.Name) };
        // A model may have written arguments that are no JSON; templates that take a text still show them.
        function["arguments"] = JsonValues.TryRead(call.Arguments, out JinjaValue? arguments) ? arguments : JinjaValue.Of(call.Arguments);
        var value = new DictValue();
        if (call.Id is not null)
            value["id"] = JinjaValue.Of(call.Id);
        value["type"] = JinjaValue.Of("function");
        value["function"] = function;
        return value;
    }
}
