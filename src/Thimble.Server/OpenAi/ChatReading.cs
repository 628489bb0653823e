using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>From the body of a chat request to what is asked.</summary>
internal static class ChatReading
{
    private const int MostMessages = 16384, MostTools = 512, MostStops = 64;

    /// <summary>Reads it.</summary>
    /// <exception cref="Rejection">A field is wrong; the refusal names it.</exception>
    public static ChatAsk Read(Field body, Exchange exchange)
    {
        IReadOnlyList<Field> messages = body["messages"].Items(MostMessages);
        if (messages.Count == 0)
            throw body["messages"].Missing("a list of at least one message");

        ToolChoice? choice = Choice(body["tool_choice"]);
        IReadOnlyList<string> tools = choice is null ? [] : Tools(body["tools"]);
        if (choice is { Name: { } name } && !tools.Any(tool => NameOf(tool) == name))
            throw Rejection.Of("tool_choice", $"'tool_choice' names the function '{name}', which is none of 'tools'.");
        if (choice is { IsNeeded: true } && tools.Count == 0)
            throw Rejection.Of("tool_choice", "'tool_choice' asks for a call, but 'tools' is empty.");
        return new()
        {
            Turns = Turns(messages),
            Tools = tools,
            Choice = choice ?? ToolChoice.Auto,
            CallsInParallel = body["parallel_tool_calls"].Flag() ?? true,
            Thinking = Thinking(body),
            Variables = Variables(body["chat_template_kwargs"]),
            Truncates = body["truncation"].Word("auto", "disabled") == "auto",
            FormatsThought = body["grammar"].IsGiven,
            Options = Options(body, exchange),
        };
    }

    /// <summary>Sampling, limits and stops; who asks, and how urgent it is.</summary>
    public static GenerationOptions Options(Field body, Exchange exchange)
    {
        int? asked = body.First("max_completion_tokens", "max_tokens", "max_output_tokens", "n_predict").Count(-1);
        return exchange.Tenant.Own(new()
        {
            MaxTokens = Least(asked is > 0 ? asked : null, exchange.Serving.Options.MaxOutputTokens),
            Stop = [.. body["stop"].Texts(MostStops).Where(stop => stop.Length > 0)],
            IgnoreEnd = body["ignore_eos"].Flag() ?? false,
            Deadline = body["t_max_predict_ms"].Number(0) is > 0 and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Sampling = SamplingFields.Read(body, new()),
            Format = FormatFields.Read(body),
        });
    }

    /// <summary>The tools, each as the JSON it is.</summary>
    public static IReadOnlyList<string> Tools(Field tools)
    {
        List<string> all = [];
        foreach (Field tool in tools.Items(MostTools))
        {
            if (tool["type"].Text() is { } kind and not "function")
                throw Rejection.Of(tool["type"].Path, $"'{tool["type"].Path}' is '{kind}'; this server takes functions.");
            Field function = tool["function"];
            function["name"].NeededText();
            if (function["parameters"] is { IsGiven: true, IsObject: false } wrong)
                throw wrong.Wrong("an object, a JSON schema");
            all.Add(tool.Json.GetRawText());
        }

        return all;
    }

    /// <summary>The smaller of two limits, where there are any.</summary>
    public static int? Least(int? a, int? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;

    /// <summary>Whether the model thinks: by any of the names there are for that.</summary>
    public static bool? Thinking(Field body)
    {
        if (body["chat_template_kwargs"]["enable_thinking"] is { IsGiven: true } inTemplate)
            return inTemplate.IsText ? inTemplate.Word("true", "false") == "true" : inTemplate.Flag();
        if (body["enable_thinking"].Flag() is { } flag)
            return flag;
        if (body["thinking"] is { IsGiven: true, IsFlag: true } thinking)
            return thinking.Flag();
        return Effort(body) is { } effort ? effort is not ("none" or "minimal") : null;
    }

    private static string? Effort(Field body) =>
        (body["reasoning_effort"] is { IsGiven: true } effort ? effort : body["reasoning"]["effort"]).Word("none", "minimal", "low", "medium", "high", "xhigh");

    private static Dictionary<string, string> Variables(Field field) =>
        field.Members().Where(member => member.Name != "enable_thinking").ToDictionary(member => member.Name, member => member.Value.Json.GetRawText(), StringComparer.Ordinal);

    /// <summary>Null for the choice that none is called.</summary>
    private static ToolChoice? Choice(Field field)
    {
        if (!field.IsGiven)
            return ToolChoice.Auto;
        if (field.IsText)
        {
            return field.Word("auto", "none", "required") switch
            {
                "none" => null,
                "required" => ToolChoice.Required,
                _ => ToolChoice.Auto,
            };
        }

        return new(true, (field["function"] is { IsGiven: true } function ? function["name"] : field["name"]).NeededText());
    }

    private static string? NameOf(string tool)
    {
        using var json = System.Text.Json.JsonDocument.Parse(tool);
        return json.RootElement.GetProperty("function").GetProperty("name").GetString();
    }

    private static List<ChatTurn> Turns(IReadOnlyList<Field> messages)
    {
        List<ChatTurn> turns = [];
        foreach (Field message in messages)
        {
            string role = message["role"].NeededText();
            Field content = message["content"];
            List<ChatToolCall> calls = Calls(message["tool_calls"]);
            if (!content.IsGiven && calls.Count == 0 && role != "assistant")
                throw content.Missing("a text, or a list of parts");
            (string? text, IReadOnlyList<ChatPart>? parts) = Pictures.Content(content);
            turns.Add(new(role switch { "developer" => "system", "function" => "tool", _ => role }, text)
            {
                Parts = parts,
                ToolCalls = calls,
                ToolCallId = message["tool_call_id"].Text(),
                Name = message["name"].Text(),
                Reasoning = message.First("reasoning_content", "reasoning").Text(),
            });
        }

        return turns;
    }

    private static List<ChatToolCall> Calls(Field field)
    {
        List<ChatToolCall> calls = [];
        foreach (Field call in field.Items(MostTools))
        {
            Field function = call["function"], arguments = function["arguments"];
            string json = arguments.IsObject ? arguments.Json.GetRawText() : arguments.Text() is { Length: > 0 } text ? text : "{}";
            calls.Add(new(function["name"].NeededText(), Checked(json, arguments), call["id"].Text()));
        }

        return calls;
    }

    /// <summary>Arguments that a template can take apart.</summary>
    private static string Checked(string json, Field field)
    {
        try
        {
            using var parsed = System.Text.Json.JsonDocument.Parse(json, new() { MaxDepth = 256 });
            if (parsed.RootElement.ValueKind == System.Text.Json.JsonValueKind.Object)
                return json;
        }
        catch (System.Text.Json.JsonException)
        {
            // said below
        }

        throw Rejection.Of(field.Path, $"'{field.Path}' is no JSON object; expected the arguments of a call, as the model gave them.");
    }
}
