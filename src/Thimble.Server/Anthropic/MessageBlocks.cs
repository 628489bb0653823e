using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Anthropic;

/// <summary>The blocks of a streamed message: one begins when the kind of what is said changes.</summary>
/// <param name="events">Where they go.</param>
internal sealed class MessageBlocks(EventStream events)
{
    private int _index = -1;
    private ReplyPartKind? _open;

    /// <summary>Sends the next part.</summary>
    public async Task TakeAsync(ReplyPart part)
    {
        if (part.Call is { } call)
        {
            await EndAsync().ConfigureAwait(false);
            await BeginAsync(ReplyPartKind.Call, json =>
            {
                json.WriteString("type", "tool_use");
                json.WriteString("id", call.Id);
                json.WriteString("name", call.Name);
                json.WriteStartObject("input");
                json.WriteEndObject();
            }).ConfigureAwait(false);
            await DeltaAsync("input_json_delta", "partial_json", call.Arguments).ConfigureAwait(false);
            await EndAsync().ConfigureAwait(false);
            return;
        }

        bool thinks = part.Kind == ReplyPartKind.Reasoning;
        if (_open != part.Kind)
        {
            await EndAsync().ConfigureAwait(false);
            await BeginAsync(part.Kind, json =>
            {
                json.WriteString("type", thinks ? "thinking" : "text");
                json.WriteString(thinks ? "thinking" : "text", "");
                if (thinks)
                    json.WriteString("signature", "");
            }).ConfigureAwait(false);
        }

        await DeltaAsync(thinks ? "thinking_delta" : "text_delta", thinks ? "thinking" : "text", part.Text).ConfigureAwait(false);
    }

    /// <summary>Ends the block that is open, if one is.</summary>
    public async Task EndAsync()
    {
        if (_open is null)
            return;
        if (_open == ReplyPartKind.Reasoning)
            await DeltaAsync("signature_delta", "signature", "").ConfigureAwait(false);
        _open = null;
        await events.SendAsync(json =>
        {
            Begin(json, "content_block_stop");
            json.WriteEndObject();
        }, "content_block_stop").ConfigureAwait(false);
    }

    private Task BeginAsync(ReplyPartKind kind, Action<Utf8JsonWriter> write)
    {
        (_open, _index) = (kind, _index + 1);
        return events.SendAsync(json =>
        {
            Begin(json, "content_block_start");
            json.WriteStartObject("content_block");
            write(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }, "content_block_start");
    }

    private Task DeltaAsync(string kind, string name, string text) => events.SendAsync(json =>
    {
        Begin(json, "content_block_delta");
        json.WriteStartObject("delta");
        json.WriteString("type", kind);
        json.WriteString(name, text);
        json.WriteEndObject();
        json.WriteEndObject();
    }, "content_block_delta");

    private void Begin(Utf8JsonWriter json, string kind)
    {
        json.WriteStartObject();
        json.WriteString("type", kind);
        json.WriteNumber("index", _index);
    }
}
