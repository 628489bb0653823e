using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Anthropic;

/// <summary>Writes messages: whole, and what stands around a stream's blocks.</summary>
/// <param name="id">The message's id.</param>
/// <param name="model">The model's name.</param>
/// <param name="answer">The answer.</param>
internal sealed class MessageWriting(string id, string model, Answering answer)
{
    /// <summary>Why it ended, in Anthropic's words.</summary>
    public string Reason => answer.Reason switch
    {
        FinishReason.MaxTokens or FinishReason.Deadline => "max_tokens",
        FinishReason.ContextFull => "model_context_window_exceeded",
        FinishReason.Stop => "stop_sequence",
        _ => answer.HasCalls ? "tool_use" : "end_turn",
    };

    // Which of several stop texts it was is not told: only one alone is known.
    private string? Stopped => answer.Reason == FinishReason.Stop && answer.Generation.Options.Stop is [{ } only] ? only : null;

    /// <summary>An event with nothing but its type.</summary>
    public static void Bare(Utf8JsonWriter json, string kind)
    {
        json.WriteStartObject();
        json.WriteString("type", kind);
        json.WriteEndObject();
    }

    /// <summary>The whole message.</summary>
    public void Whole(Utf8JsonWriter json, ChatAnswer whole)
    {
        Begin(json);
        json.WriteStartArray("content");
        if (whole.Reasoning is { } reasoning)
        {
            json.WriteStartObject();
            json.WriteString("type", "thinking");
            json.WriteString("thinking", reasoning);
            json.WriteString("signature", "");
            json.WriteEndObject();
        }

        if (whole.Text is { Length: > 0 } text)
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        foreach (ChatToolCall call in whole.Calls)
        {
            json.WriteStartObject();
            json.WriteString("type", "tool_use");
            json.WriteString("id", call.Id);
            json.WriteString("name", call.Name);
            json.WritePropertyName("input");
            json.WriteRawValue(call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("stop_reason", Reason);
        json.WriteString("stop_sequence", Stopped);
        Usage(json);
        json.WriteEndObject();
    }

    /// <summary>The event that begins a stream.</summary>
    public void Start(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "message_start");
        json.WritePropertyName("message");
        Begin(json);
        json.WriteStartArray("content");
        json.WriteEndArray();
        json.WriteNull("stop_reason");
        json.WriteNull("stop_sequence");
        Usage(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The event that says why a stream ended, and counts.</summary>
    public void End(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "message_delta");
        json.WriteStartObject("delta");
        json.WriteString("stop_reason", Reason);
        json.WriteString("stop_sequence", Stopped);
        json.WriteEndObject();
        Usage(json);
        json.WriteEndObject();
    }

    private void Begin(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", model);
    }

    private void Usage(Utf8JsonWriter json)
    {
        int cached = answer.Generation.CachedTokens;
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", answer.Generation.PromptTokens - cached);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("cache_read_input_tokens", cached);
        json.WriteNumber("output_tokens", answer.Generation.Timings.GeneratedTokens);
        json.WriteEndObject();
    }
}
