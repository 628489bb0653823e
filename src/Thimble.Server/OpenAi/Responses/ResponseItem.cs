using System.Text;
using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Server.OpenAi;

/// <summary>An item of a response's output: a message, what was thought, or a call.</summary>
/// <param name="kind">What it is.</param>
/// <param name="index">Its place in the output.</param>
internal sealed class ResponseItem(ReplyPartKind kind, int index)
{
    private readonly StringBuilder _text = new();

    /// <summary>What it is.</summary>
    public ReplyPartKind Kind => kind;

    /// <summary>Its place in the output.</summary>
    public int Index => index;

    /// <summary>Its id.</summary>
    public string Id { get; } = ChatCompletions.NewId(kind switch { ReplyPartKind.Call => "fc_", ReplyPartKind.Reasoning => "rs_", _ => "msg_" });

    /// <summary>The call, if it is one.</summary>
    public ChatToolCall? Call { get; init; }

    /// <summary>Whether all of it is there.</summary>
    public bool IsDone { get; set; }

    /// <summary>Its text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Adds text.</summary>
    public void Append(string text) => _text.Append(text);

    /// <summary>Writes it as it stands.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("type", kind switch { ReplyPartKind.Call => "function_call", ReplyPartKind.Reasoning => "reasoning", _ => "message" });
        json.WriteString("status", IsDone ? "completed" : "in_progress");
        if (Call is { } call)
        {
            json.WriteString("call_id", call.Id);
            json.WriteString("name", call.Name);
            json.WriteString("arguments", IsDone ? call.Arguments : "");
        }
        else
        {
            if (kind == ReplyPartKind.Reasoning)
            {
                json.WriteStartArray("summary");
                json.WriteEndArray();
            }
            else
            {
                json.WriteString("role", "assistant");
            }

            json.WriteStartArray("content");
            if (IsDone)
                Part(json);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes its content as it stands.</summary>
    public void Part(Utf8JsonWriter json, bool empty = false)
    {
        json.WriteStartObject();
        json.WriteString("type", kind == ReplyPartKind.Reasoning ? "reasoning_text" : "output_text");
        json.WriteString("text", empty ? "" : Text);
        if (kind != ReplyPartKind.Reasoning)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
