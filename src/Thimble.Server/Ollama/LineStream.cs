using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary>An answer that comes in lines, each one JSON object; or, where the client wants no stream, only the last of them.</summary>
internal sealed class LineStream : IAsyncDisposable
{
    private static readonly byte[] s_end = [(byte)'\n'];

    private readonly Exchange _exchange;
    private readonly Utf8JsonWriter _json;

    /// <summary>Begins an answer.</summary>
    public LineStream(Exchange exchange)
    {
        _exchange = exchange;
        Streams = exchange.Body["stream"].Flag() ?? true;
        _json = new Utf8JsonWriter(exchange.Context.Response.BodyWriter, Exchange.Written);
    }

    /// <summary>Whether the client wants the pieces as they come.</summary>
    public bool Streams { get; }

    /// <summary>Sends a line, unless the client wants only the last.</summary>
    public async Task SendAsync(Action<Utf8JsonWriter> write)
    {
        if (!Streams)
            return;

        HttpResponse response = _exchange.Context.Response;
        if (!response.HasStarted)
        {
            response.ContentType = "application/x-ndjson";
            response.Headers.CacheControl = "no-cache";
            _exchange.Context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }

        write(_json);
        await _json.FlushAsync(_exchange.Stop).ConfigureAwait(false);
        _json.Reset();
        await response.BodyWriter.WriteAsync(s_end, _exchange.Stop).ConfigureAwait(false);
    }

    /// <summary>Sends the last line.</summary>
    public Task EndAsync(Action<Utf8JsonWriter> write) => Streams ? SendAsync(write) : _exchange.WriteAsync(write);

    public ValueTask DisposeAsync() => _json.DisposeAsync();
}
