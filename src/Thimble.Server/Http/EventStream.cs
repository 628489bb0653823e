using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Thimble.Server.Http;

/// <summary>An answer that comes in pieces: server-sent events.</summary>
/// <remarks>Each event is flushed, so that a token is seen when it is there. A client that does not read holds up only its own stream: what
/// it left unread is kept, up to the server's response buffer; then the model waits for it, and the connection is closed once the server's least rate is missed.</remarks>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponse _response;
    private readonly Utf8JsonWriter _json;
    private readonly CancellationToken _stop;

    /// <summary>Begins the answer, or goes on with one that has begun.</summary>
    public EventStream(HttpResponse response, CancellationToken stop, bool begun = false)
    {
        (_response, _stop) = (response, stop);
        _json = new Utf8JsonWriter(response.BodyWriter, Exchange.Written);
        if (begun)
            return;

        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";   // proxies hold nothing back
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Sends an event whose content is JSON.</summary>
    /// <param name="write">Writes the content.</param>
    /// <param name="name">The event's name; null for one without.</param>
    public async Task SendAsync(Action<Utf8JsonWriter> write, string? name = null)
    {
        if (name is not null)
            Write($"event: {name}\n");
        Write("data: ");
        write(_json);
        _json.Flush();
        _json.Reset();
        Write("\n\n");
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Sends an event whose content is a word.</summary>
    public async Task SendAsync(string word)
    {
        Write($"data: {word}\n\n");
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Sends the status and headers at once, before there is anything to say.</summary>
    public Task StartAsync() => _response.Body.FlushAsync(_stop);

    public ValueTask DisposeAsync() => _json.DisposeAsync();

    private void Write(string text)
    {
        int count = System.Text.Encoding.UTF8.GetByteCount(text);
        System.Text.Encoding.UTF8.GetBytes(text, _response.BodyWriter.GetSpan(count));
        _response.BodyWriter.Advance(count);
    }

    private async Task FlushAsync()
    {
        if ((await _response.BodyWriter.FlushAsync(_stop).ConfigureAwait(false)) is { IsCompleted: true })
            throw new OperationCanceledException("The client has gone.");
    }
}
