using System.Buffers;
using System.Text;
using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>From the body of a responses request to what is asked.</summary>
internal static class ResponseReading
{
    private const int Most = 16384;

    /// <summary>Reads it.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="earlier">The conversation that it goes on from.</param>
    /// <exception cref="Rejection">A field is wrong; the refusal names it.</exception>
    public static ChatAsk Read(Exchange exchange, IReadOnlyList<ChatTurn> earlier)
    {
        Field body = exchange.Body;
        if (body["background"].Flag() == true)
            throw Rejection.Of("background", "'background' is true; this server answers while the client waits.");
        List<ChatTurn> turns = [];
        if (body["instructions"].Text() is { Length: > 0 } instructions)
            turns.Add(new("system", instructions));
        turns.AddRange(earlier);
        turns.AddRange(Turns(body["input"]));
        if (turns.Count == 0)
            throw body["input"].Missing("a text, or a list of items");

        ToolChoice? choice = Choice(body["tool_choice"]);
        Field format = body["text"]["format"];
        GenerationOptions options = ChatReading.Options(body, exchange);
        return new()
        {
            Turns = turns,
            Tools = choice is null ? [] : [.. body["tools"].Items(512).Select(Tool)],
            Choice = choice ?? ToolChoice.Auto,
            CallsInParallel = body["parallel_tool_calls"].Flag() ?? true,
            Thinking = ChatReading.Thinking(body),
            Truncates = body["truncation"].Word("auto", "disabled") == "auto",
            FormatsThought = body["grammar"].IsGiven,
            Options = options with
            {
                TopLogProbabilities = body["top_logprobs"].Count(0, 20),
                Format = format["type"].Word("text", "json_object", "json_schema") switch
                {
                    "json_object" => OutputFormat.Json,
                    "json_schema" => FormatFields.Schema(format["schema"]),
                    _ => options.Format,
                },
            },
        };
    }

    /// <summary>What the input adds to the conversation.</summary>
    private static List<ChatTurn> Turns(Field input)
    {
        if (!input.IsGiven || input.IsText)
            return input.Text() is { } text ? [new("user", text)] : [];

        List<ChatTurn> turns = [];
        foreach (Field item in input.Items(Most))
        {
            switch (item["type"].Text() ?? "message")
            {
                case "message":
                    string role = item["role"].Word("user", "assistant", "system", "developer") ?? throw item["role"].Missing("a role");
                    (string? text, IReadOnlyList<ChatPart>? parts) = Pictures.Content(item["content"]);
                    turns.Add(new(role == "developer" ? "system" : role, text) { Parts = parts });
                    break;
                case "function_call":
                    ChatToolCall call = new(item["name"].NeededText(), item["arguments"].Text() is { Length: > 0 } arguments ? arguments : "{}", item["call_id"].Text());
                    // Calls that follow one another are one turn's.
                    if (turns.Count > 0 && turns[^1] is { Role: "assistant" } last)
                        turns[^1] = last with { ToolCalls = [.. last.ToolCalls, call] };
                    else
                        turns.Add(new("assistant") { ToolCalls = [call] });
                    break;
                case "function_call_output":
                    (string? output, IReadOnlyList<ChatPart>? shown) = Pictures.Content(item["output"]);
                    turns.Add(new("tool", output) { Parts = shown, ToolCallId = item["call_id"].NeededText() });
                    break;
                case "reasoning" or "item_reference":
                    break;
                case var other:
                    throw Rejection.Of(item["type"].Path, $"'{item["type"].Path}' is '{other}'; expected message, function_call, function_call_output or reasoning.");
            }
        }

        return turns;
    }

    /// <summary>A tool in the shape of chat completions, which templates take.</summary>
    private static string Tool(Field tool)
    {
        if (tool["type"].Text() is { } kind and not "function")
            throw Rejection.Of(tool["type"].Path, $"'{tool["type"].Path}' is '{kind}'; this server runs no tools of its own, and takes functions.");
        tool["name"].NeededText();
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Exchange.Written))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            foreach ((string name, Field value) in tool.Members().Where(member => member.Name is "name" or "description" or "parameters"))
            {
                json.WritePropertyName(name);
                value.Json.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static ToolChoice? Choice(Field field) => field switch
    {
        { IsGiven: false } => ToolChoice.Auto,
        { IsText: true } => field.Word("auto", "none", "required") switch
        {
            "none" => null,
            "required" => ToolChoice.Required,
            _ => ToolChoice.Auto,
        },
        _ => new(true, field["name"].NeededText()),
    };
}
