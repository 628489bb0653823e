using System.Text.Json;
using Thimble.Models.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>The events of a streamed response, numbered as they come.</summary>
/// <param name="events">Where they go; null where the response is answered whole.</param>
/// <param name="writing">The response.</param>
internal sealed class ResponseEvents(EventStream? events, ResponseWriting writing)
{
    private ResponseItem? _open;
    private int _number;

    /// <summary>Sends the response as it stands.</summary>
    public Task WholeAsync(string kind, string status) => SendAsync(kind, json =>
    {
        json.WritePropertyName("response");
        writing.Write(json, status);
    });

    /// <summary>Takes the next part.</summary>
    public async Task TakeAsync(ReplyPart part)
    {
        if (part.Call is { } call)
        {
            await EndAsync().ConfigureAwait(false);
            await BeginAsync(new(ReplyPartKind.Call, writing.Items.Count) { Call = call }).ConfigureAwait(false);
            await DeltaAsync("response.function_call_arguments.delta", "delta", call.Arguments, hasContent: false).ConfigureAwait(false);
            await EndAsync().ConfigureAwait(false);
            return;
        }

        if (_open?.Kind != part.Kind)
        {
            await EndAsync().ConfigureAwait(false);
            await BeginAsync(new(part.Kind, writing.Items.Count)).ConfigureAwait(false);
            await PartAsync("response.content_part.added", empty: true).ConfigureAwait(false);
        }

        _open!.Append(part.Text);
        await DeltaAsync(part.Kind == ReplyPartKind.Reasoning ? "response.reasoning_text.delta" : "response.output_text.delta", "delta", part.Text).ConfigureAwait(false);
    }

    /// <summary>Ends the item that is open, if one is.</summary>
    public async Task EndAsync()
    {
        if (_open is not { } item)
            return;
        item.IsDone = true;
        if (item.Call is { } call)
        {
            await DeltaAsync("response.function_call_arguments.done", "arguments", call.Arguments, hasContent: false).ConfigureAwait(false);
        }
        else
        {
            bool thinks = item.Kind == ReplyPartKind.Reasoning;
            await DeltaAsync(thinks ? "response.reasoning_text.done" : "response.output_text.done", "text", item.Text).ConfigureAwait(false);
            await PartAsync("response.content_part.done", empty: false).ConfigureAwait(false);
        }

        await ItemAsync("response.output_item.done").ConfigureAwait(false);
        _open = null;
    }

    private Task BeginAsync(ResponseItem item)
    {
        _open = item;
        writing.Items.Add(item);
        return ItemAsync("response.output_item.added");
    }

    private Task ItemAsync(string kind) => SendAsync(kind, json =>
    {
        json.WriteNumber("output_index", _open!.Index);
        json.WritePropertyName("item");
        _open.Write(json);
    });

    private Task PartAsync(string kind, bool empty) => SendAsync(kind, json =>
    {
        Place(json, hasContent: true);
        json.WritePropertyName("part");
        _open!.Part(json, empty);
    });

    private Task DeltaAsync(string kind, string name, string text, bool hasContent = true) => SendAsync(kind, json =>
    {
        Place(json, hasContent);
        json.WriteString(name, text);
        if (kind.StartsWith("response.output_text", StringComparison.Ordinal))
        {
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        if (kind == "response.function_call_arguments.done")
            json.WriteString("name", _open!.Call!.Name);
    });

    private void Place(Utf8JsonWriter json, bool hasContent)
    {
        json.WriteString("item_id", _open!.Id);
        json.WriteNumber("output_index", _open.Index);
        if (hasContent)
            json.WriteNumber("content_index", 0);
    }

    private Task SendAsync(string kind, Action<Utf8JsonWriter> write) => events is null ? Task.CompletedTask : events.SendAsync(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", kind);
            json.WriteNumber("sequence_number", _number++);
            write(json);
            json.WriteEndObject();
        },
        kind);
}
