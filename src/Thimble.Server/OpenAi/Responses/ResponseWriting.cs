using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>A response while it is written: its items, and the JSON of all of it.</summary>
/// <param name="exchange">The request.</param>
/// <param name="model">The model's name.</param>
/// <param name="answer">The answer.</param>
internal sealed class ResponseWriting(Exchange exchange, string model, Answering answer)
{
    private readonly long _created = exchange.Serving.Now;

    /// <summary>The response's id.</summary>
    public string Id { get; } = ChatCompletions.NewId("resp_");

    /// <summary>What was put out so far.</summary>
    public List<ResponseItem> Items { get; } = [];

    /// <summary>Whether it was cut short.</summary>
    public bool IsIncomplete => answer.Reason is FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.Deadline;

    /// <summary>The assistant's turns that the items come to.</summary>
    public ChatTurn Turn => new("assistant", Joined(ReplyPartKind.Text))
    {
        Reasoning = Joined(ReplyPartKind.Reasoning),
        ToolCalls = [.. Items.Where(item => item.Call is not null).Select(item => item.Call!)],
    };

    /// <summary>Writes the whole response.</summary>
    /// <param name="json">Where.</param>
    /// <param name="status"><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</param>
    public void Write(Utf8JsonWriter json, string status)
    {
        Field body = exchange.Body;
        bool ended = status != "in_progress";
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", _created);
        json.WriteString("status", status);
        json.WriteNull("error");
        if (status == "incomplete")
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }

        json.WriteString("model", model);
        json.WriteStartArray("output");
        foreach (ResponseItem item in ended ? Items : [])
            item.Write(json);
        json.WriteEndArray();
        Echo(json, body, "instructions", "null");
        Echo(json, body, "max_output_tokens", "null");
        Echo(json, body, "metadata", "{}");
        Echo(json, body, "parallel_tool_calls", "true");
        Echo(json, body, "previous_response_id", "null");
        Echo(json, body, "reasoning", """{"effort":null,"summary":null}""");
        Echo(json, body, "store", "true");
        Echo(json, body, "temperature", "0.8");
        Echo(json, body, "text", """{"format":{"type":"text"}}""");
        Echo(json, body, "tool_choice", "\"auto\"");
        Echo(json, body, "tools", "[]");
        Echo(json, body, "top_p", "0.95");
        Echo(json, body, "truncation", "\"disabled\"");
        if (ended)
            Usage(json);
        json.WriteEndObject();
    }

    /// <summary>What the client asked for, as it asked for it.</summary>
    private static void Echo(Utf8JsonWriter json, Field body, string name, string plain)
    {
        json.WritePropertyName(name);
        if (body[name] is { IsGiven: true } given)
            given.Json.WriteTo(json);
        else
            json.WriteRawValue(plain);
    }

    private string? Joined(ReplyPartKind kind)
    {
        string text = string.Concat(Items.Where(item => item.Kind == kind).Select(item => item.Text));
        return text.Length > 0 ? text : null;
    }

    private void Usage(Utf8JsonWriter json)
    {
        GenerationTimings timings = answer.Generation.Timings;
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", timings.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", timings.CachedTokens);
        json.WriteNumber("cache_write_tokens", 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", timings.GeneratedTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", answer.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", timings.PromptTokens + timings.GeneratedTokens);
        json.WriteEndObject();
    }
}
