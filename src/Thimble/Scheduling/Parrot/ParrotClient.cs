using System.Net.Http.Headers;
using System.Text.Json;

namespace Thimble.Scheduling;

/// <summary>Runs the programs of a <see cref="Parrot"/> on a Thimble server: the calls of a session go there together, ahead of their values, and
/// what one writes reaches the next without the way here and back.</summary>
/// <remarks>Calls are sent when a value is first asked for, all that were made so far in one request: a chain of twenty costs three round trips,
/// one for the session, one for the calls, one for the last value. Adapters are the server's own.</remarks>
/// <example><code>
/// var parrot = new ParrotClient(new HttpClient { BaseAddress = new("http://127.0.0.1:11434") });
/// using SemanticSession session = await parrot.OpenSessionAsync();
/// SemanticVariable draft = session.Call(write, new() { ["topic"] = session.Variable("topic", "rain") })["draft"];
/// string text = await draft.GetAsync();
/// </code></example>
public sealed class ParrotClient
{
    private readonly HttpClient _http;

    /// <summary>A client of a server.</summary>
    /// <param name="http">How it is reached: <see cref="HttpClient.BaseAddress"/> is the server's, and a key, if it asks for one, is in the headers. It stays its owner's.</param>
    /// <exception cref="ArgumentException">It has no address.</exception>
    public ParrotClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
            throw new ArgumentException("The HttpClient has no BaseAddress; set it to the server's, such as http://127.0.0.1:11434.", nameof(http));
        _http = http;
    }

    /// <summary>Opens a session on the server.</summary>
    /// <param name="model">The model that its calls run on; null for the server's default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session: what is made of it is as in this process. Disposing it tells the server.</returns>
    /// <exception cref="HttpRequestException">The server cannot be reached, or refuses; the message is its own.</exception>
    public async Task<SemanticSession> OpenSessionAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Post, "v1/sessions", json =>
        {
            json.WriteStartObject();
            if (model is not null)
                json.WriteString("model", model);
            json.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return new SemanticSession(new RemoteRunner(this), answer.RootElement.GetProperty("id").GetString()!, "");
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="HttpRequestException">The server refuses, or is not there.</exception>
    internal async Task<JsonDocument> SendAsync(HttpMethod method, string path, Action<Utf8JsonWriter>? write, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path);
        if (write is not null)
        {
            var bytes = new System.Buffers.ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(bytes))
                write(json);
            request.Content = new ReadOnlyMemoryContent(bytes.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using HttpResponseMessage response = await _http.SendAsync(request, stop).ConfigureAwait(false);
        string text = await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text)
            : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode}, {Said(text)}", null, response.StatusCode);
    }

    /// <summary>What a refusal says.</summary>
    private static string Said(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.GetProperty("error").GetProperty("message").GetString() ?? text;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return text.Length <= 200 ? text : text[..200];   // no server of ours, or something before it
        }
    }
}
