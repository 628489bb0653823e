using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Thimble.Library;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>POST /api/pull</c>, with its progress; and <c>/api/push</c>, which is refused.</summary>
internal static class Pulling
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.Add(new("POST", "/api/pull", OllamaDialect.Dialect, PullAsync) { Administers = true });
        Routes.Add(new("POST", "/api/push", OllamaDialect.Dialect, _ => throw new Rejection(501, Rejection.Invalid,
            "This server pushes no models: it sends nothing to anybody. Copy the model's file instead.")));
    }

    private static async Task PullAsync(Exchange exchange)
    {
        string name = Asked.Model(exchange);
        if (name.Contains("://", StringComparison.Ordinal))
            throw Rejection.Of("model", "'model' is an address; a server fetches by names of its hubs alone, since an address could lead into its own network. Use 'thimble pull' there.");
        exchange.Stop = exchange.Context.RequestAborted;   // a large model takes longer than any other request may
        await using var lines = new LineStream(exchange);
        // The latest counts: a client that reads slowly misses steps between, and the pull waits for nobody.
        var steps = Channel.CreateBounded<PullProgress>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        Task pull = PumpAsync(Shelf.Of(exchange), name, steps.Writer, exchange.Stop);
        await foreach (PullProgress step in steps.Reader.ReadAllAsync(exchange.Stop).ConfigureAwait(false))
        {
            if (step.Step != "success")
                await lines.SendAsync(json => Write(json, step)).ConfigureAwait(false);
        }

        await pull.ConfigureAwait(false);
        await lines.EndAsync(json => Write(json, new("success", null, 0, 0))).ConfigureAwait(false);
    }

    private static async Task PumpAsync(ModelShelf shelf, string name, ChannelWriter<PullProgress> steps, CancellationToken stop)
    {
        try
        {
            await shelf.PullAsync(name, null, new Progress(steps), stop).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new Rejection(502, Rejection.Internal, fault.Message.ReplaceLineEndings(" "));   // the hub's fault, which the user must read
        }
        catch (CapacityException full)
        {
            throw Shelf.NoRoom(full);
        }
        finally
        {
            steps.Complete();
        }
    }

    private static void Write(Utf8JsonWriter json, PullProgress step)
    {
        json.WriteStartObject();
        json.WriteString("status", step.Step);
        if (step.Digest is { } digest)
            json.WriteString("digest", digest);
        if (step.Total > 0)
        {
            json.WriteNumber("total", step.Total);
            json.WriteNumber("completed", step.Completed);
        }

        json.WriteEndObject();
    }

    private sealed class Progress(ChannelWriter<PullProgress> steps) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => steps.TryWrite(value);
    }
}
