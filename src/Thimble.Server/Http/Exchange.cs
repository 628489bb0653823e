using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Thimble.Library;
using Thimble.Server.Access;

namespace Thimble.Server.Http;

/// <summary>One request and its answer.</summary>
/// <param name="context">The connection's side of it.</param>
/// <param name="serving">The server's side of it.</param>
/// <param name="route">What answers.</param>
internal sealed class Exchange(HttpContext context, Serving serving, Route route) : IDisposable
{
    private const int Deepest = 128;

    /// <summary>JSON as clients like it: no escapes but those that JSON needs. What is served is never put into a page as it stands.</summary>
    public static JsonWriterOptions Written { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private JsonDocument? _document;
    private long _held;

    /// <summary>The connection's side.</summary>
    public HttpContext Context { get; } = context;

    /// <summary>The server's side.</summary>
    public Serving Serving { get; } = serving;

    /// <summary>What answers.</summary>
    public Route Route { get; } = route;

    /// <summary>Who asks.</summary>
    public Tenant Tenant { get; set; } = Tenant.Anonymous;

    /// <summary>Ends when the client has gone, the time is up, or the server must stop.</summary>
    public CancellationToken Stop { get; set; } = context.RequestAborted;

    /// <summary>The request in a trace; null where nobody traces.</summary>
    public System.Diagnostics.Activity? Activity { get; set; }

    /// <summary>What an operator may want to know of the request, beyond its address: filled in by the answer.</summary>
    public RequestFacts Facts { get; } = new();

    /// <summary>The request's JSON; not given where the body is empty.</summary>
    public Field Body => new(_document?.RootElement ?? default, "");

    /// <summary>A part of the path.</summary>
    public string Part(string name) => Context.GetRouteValue(name) as string ?? "";

    /// <summary>A value in the address, behind the question mark.</summary>
    public string? Query(string name) => Context.Request.Query[name] is [{ } value, ..] ? value : null;

    /// <summary>Reads the whole body as JSON, within the limits of size and depth.</summary>
    /// <exception cref="Rejection">It is too large, or no JSON object.</exception>
    public async Task ReadAsync()
    {
        long most = Serving.Options.MaxBodyBytes;
        if (Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = most;
        if (Context.Request.ContentLength > most)
            throw TooLarge(most);

        PipeReader reader = Context.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(Stop).ConfigureAwait(false);
            SequencePosition seen = read.IsCompleted ? read.Buffer.End : read.Buffer.Start;
            try
            {
                if (read.Buffer.Length > most)
                    throw TooLarge(most);
                Hold(read.Buffer.Length);
                if (read.IsCompleted)
                    _document = Parse(read.Buffer, Route.TakesList);
            }
            finally
            {
                reader.AdvanceTo(seen, read.Buffer.End);   // also where it is refused: the connection goes on
            }

            if (read.IsCompleted)
                return;
        }
    }

    /// <summary>A lease on the model that a field names, or on the default one.</summary>
    /// <exception cref="Rejection">There is no such model, or no room for it.</exception>
    public async Task<ModelLease> RentAsync(Field name)
    {
        try
        {
            return await Serving.Models.RentAsync(name.Text(), Stop).ConfigureAwait(false);
        }
        catch (FileNotFoundException missing)
        {
            throw Rejection.NoModel(missing.Message);
        }
        catch (CapacityException full)
        {
            throw new Rejection(StatusCodes.Status503ServiceUnavailable, Rejection.Overloaded, full.Message) { Code = "out_of_memory", RetryAfter = TimeSpan.FromSeconds(10) };
        }
    }

    /// <summary>Writes an answer that is one JSON value.</summary>
    public Task WriteAsync(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK) => WriteAsync(Context, write, status, Stop);

    /// <summary>Writes an answer that is text.</summary>
    public Task WriteTextAsync(string text, string type = "text/plain; charset=utf-8")
    {
        Context.Response.ContentType = type;
        return Context.Response.WriteAsync(text, Stop);
    }

    /// <summary>Begins an answer that is a stream of server-sent events.</summary>
    public EventStream Events() => new(Context.Response, Stop);

    /// <summary>Gives the parsed body back.</summary>
    public void Dispose()
    {
        _document?.Dispose();
        Serving.Bodies.Return(_held);
    }

    /// <summary>Writes one JSON value as a whole answer.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status, CancellationToken stop)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Written))
            write(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.WrittenCount;
        await context.Response.Body.WriteAsync(bytes.WrittenMemory, stop).ConfigureAwait(false);
    }

    /// <summary>Counts the body as far as it has come.</summary>
    private void Hold(long bytes)
    {
        if (bytes <= _held)
            return;
        Serving.Bodies.Take(bytes - _held);
        _held = bytes;
    }

    private static JsonDocument? Parse(ReadOnlySequence<byte> body, bool list)
    {
        if (body.IsEmpty)
            return null;
        JsonDocument? document = null;
        try
        {
            // A copy of its own: the connection's memory goes back with the body.
            document = JsonDocument.Parse(body.ToArray(), new() { MaxDepth = Deepest, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException fault)
        {
            throw new Rejection(StatusCodes.Status400BadRequest, Rejection.Invalid, $"The body is no JSON: {Plain(fault)} Expected one object, at most {Deepest} deep.") { Code = "invalid_json" };
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object || (list && document.RootElement.ValueKind == JsonValueKind.Array))
            return document;
        string kind = document.RootElement.ValueKind.ToString();
        document.Dispose();
        throw new Rejection(StatusCodes.Status400BadRequest, Rejection.Invalid, $"The body is JSON of kind {kind}; expected an object.") { Code = "invalid_json" };
    }

    /// <summary>The message without the position that .NET appends in words of its own.</summary>
    private static string Plain(JsonException fault)
    {
        int path = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string said = path > 0 ? fault.Message[..path] : fault.Message;
        return $"line {(fault.LineNumber ?? 0) + 1}, byte {fault.BytePositionInLine ?? 0}: {said}";
    }

    private static Rejection TooLarge(long most) =>
        new(StatusCodes.Status413PayloadTooLarge, Rejection.Invalid, $"The body is larger than {most} bytes, the most this server takes. Send less, or raise the limit (--max-body).") { Code = "request_too_large" };
}
