using System.Buffers;
using System.Text;
using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Anthropic;

/// <summary>From the body of a messages request to what is asked.</summary>
internal static class MessageReading
{
    private const int Most = 16384;

    /// <summary>Reads it.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="counts">Whether tokens are only counted, so that no limit is needed.</param>
    /// <exception cref="Rejection">A field is wrong; the refusal names it.</exception>
    public static ChatAsk Read(Exchange exchange, bool counts)
    {
        Field body = exchange.Body;
        if (!counts && !body["max_tokens"].IsGiven)
            throw body["max_tokens"].Missing("the most tokens to write");
        body["max_tokens"].Count(1);
        IReadOnlyList<Field> messages = body["messages"].Items(Most);
        if (messages.Count == 0)
            throw body["messages"].Missing("a list of at least one message");

        List<ChatTurn> turns = [];
        if (Text(body["system"]) is { Length: > 0 } system)
            turns.Add(new("system", system));
        foreach (Field message in messages)
            Add(turns, message);
        GenerationOptions options = ChatReading.Options(body, exchange);
        (ToolChoice? choice, bool parallel) = Choice(body["tool_choice"]);
        return new()
        {
            Turns = turns,
            Tools = choice is null ? [] : [.. body["tools"].Items(512).Select(Tool)],
            Choice = choice ?? ToolChoice.Auto,
            CallsInParallel = parallel,
            Thinking = body["thinking"]["type"].Word("enabled", "disabled", "adaptive") is { } thinking ? thinking != "disabled" : null,
            FormatsThought = body["grammar"].IsGiven,
            Options = options with
            {
                Stop = [.. body["stop_sequences"].Texts(64).Where(stop => stop.Length > 0)],
                Format = body["output_config"]["format"]["schema"] is { IsGiven: true } schema ? FormatFields.Schema(schema) : options.Format,
            },
        };
    }

    private static void Add(List<ChatTurn> turns, Field message)
    {
        string role = message["role"].Word("user", "assistant", "system") ?? throw message["role"].Missing("user or assistant");
        Field content = message["content"];
        if (content.IsText)
        {
            turns.Add(new(role, content.Text()));
            return;
        }

        string? reasoning = null;
        List<ChatPart> parts = [];
        List<ChatToolCall> calls = [];
        if (!content.IsList)
            throw content.Wrong("a text, or a list of blocks");
        foreach (Field block in content.Items(Most))
        {
            switch (block["type"].NeededText())
            {
                case "text":
                    parts.Add(new("text", block["text"].NeededText()));
                    break;
                case "image":
                    parts.Add(Image(block["source"]));
                    break;
                case "thinking":
                    reasoning += block["thinking"].NeededText();
                    break;
                case "redacted_thinking":
                    break;
                case "tool_use":
                    calls.Add(new(block["name"].NeededText(), block["input"] is { IsObject: true } input ? input.Json.GetRawText() : "{}", block["id"].Text()));
                    break;
                case "tool_result":
                    // Results stand before what else the user says, as templates want them.
                    turns.Add(Result(block));
                    break;
                case var other:
                    throw Rejection.Of(block["type"].Path, $"'{block["type"].Path}' is '{other}'; this server takes text, image, thinking, tool_use and tool_result.");
            }
        }

        if (parts.Count == 0 && calls.Count == 0 && reasoning is null)
            return;
        (string? text, IReadOnlyList<ChatPart>? shown) = parts.Count == 0 ? (null, null) : Pictures.Of(parts);
        turns.Add(new(role, text) { Parts = shown, ToolCalls = calls, Reasoning = reasoning });
    }

    private static ChatTurn Result(Field block)
    {
        Field content = block["content"];
        bool fails = block["is_error"].Flag() == true;
        (string? text, IReadOnlyList<ChatPart>? shown) = !content.IsList ? (Text(content), null) : Pictures.Of([.. content.Items(Most).Select(part =>
            part["type"].Text() is "image" ? Image(part["source"]) : new ChatPart("text", Text(part)))]);
        return new("tool", fails ? $"Error: {text}" : text ?? "") { Parts = shown, ToolCallId = block["tool_use_id"].NeededText() };
    }

    private static ChatPart Image(Field source) => source["type"].Word("base64", "url", "file") switch
    {
        null => throw source["type"].Missing("base64"),
        "base64" when source["media_type"].Text()?.StartsWith("image/", StringComparison.Ordinal) == false =>
            throw Rejection.Of(source["media_type"].Path, $"'{source["media_type"].Path}' is '{source["media_type"].Text()}'; expected image/png, image/jpeg or another image."),
        "base64" => Pictures.FromBase64(source["data"], source["data"].NeededText()),
        var other => throw Rejection.Of(source["type"].Path, $"'{source["type"].Path}' is '{other}'; this server fetches nothing from elsewhere. Send the image itself, as base64."),
    };

    private static string? Text(Field content)
    {
        if (!content.IsGiven || content.IsText)
            return content.Text();
        if (content.IsList)
            return string.Join("\n", content.Items(Most).Select(Text));
        return content["type"].Text() is null or "text"
            ? content["text"].NeededText()
            : throw Rejection.Of(content["type"].Path, $"'{content["type"].Path}' is '{content["type"].Text()}'; expected text here.");
    }

    /// <summary>A tool in OpenAI's shape, which templates take.</summary>
    private static string Tool(Field tool)
    {
        if (tool["type"].Text() is { } kind and not "custom")
            throw Rejection.Of(tool["type"].Path, $"'{tool["type"].Path}' is '{kind}'; this server runs no tools of its own, and takes those with an input_schema.");
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Exchange.Written))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool["name"].NeededText());
            if (tool["description"].Text() is { } description)
                json.WriteString("description", description);
            json.WritePropertyName("parameters");
            Field schema = tool["input_schema"];
            if (!schema.IsObject)
                throw schema.Wrong("an object, a JSON schema");
            schema.Json.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Null for the choice that none is called.</summary>
    private static (ToolChoice? Choice, bool Parallel) Choice(Field field)
    {
        bool parallel = field["disable_parallel_tool_use"].Flag() != true;
        return field["type"].Word("auto", "any", "tool", "none") switch
        {
            "none" => (null, parallel),
            "any" => (ToolChoice.Required, parallel),
            "tool" => (new(true, field["name"].NeededText()), parallel),
            _ => (ToolChoice.Auto, parallel),
        };
    }
}
