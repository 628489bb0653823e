using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Thimble.Cli.Commands;

/// <summary>A server that runs already, asked over HTTP: Thimble's, or any other that speaks Ollama's API.</summary>
internal sealed class RunningServer : IDisposable
{
    /// <summary>The variables that say where it is and what key it wants.</summary>
    public const string Place = "OLLAMA_HOST", Key = "THIMBLE_API_KEY";

    private const int Port = 11434;

    private readonly HttpClient _http;

    public RunningServer(Terminal terminal)
    {
        _http = new HttpClient { BaseAddress = AddressOf(terminal.Variable(Place)), Timeout = TimeSpan.FromSeconds(30) };
        if (terminal.Variable(Key) is { Length: > 0 } key)
            _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    /// <summary>Where a server listens that is told nothing else, or that a text such as <c>0.0.0.0:8080</c> means.</summary>
    public static Uri AddressOf(string? text)
    {
        string place = text is null or "" ? "127.0.0.1" : text;
        if (!place.Contains("://", StringComparison.Ordinal))
            place = "http://" + (place.StartsWith(':') ? "127.0.0.1" + place : place);
        if (!Uri.TryCreate(place, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"{Place} is '{text}'; expected an address such as 127.0.0.1:11434.");

        bool named = place.LastIndexOf(':') > place.LastIndexOf(']') && place.LastIndexOf(':') > place.IndexOf("://", StringComparison.Ordinal);
        // A server that listens everywhere is asked here.
        string host = address.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
        return new UriBuilder(address.Scheme, host, named ? address.Port : Port).Uri;
    }

    /// <summary>Asks, and reads the answer.</summary>
    /// <param name="path">What.</param>
    /// <param name="body">What is posted; null to get.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="HttpRequestException">Nobody listens, or the server refuses.</exception>
    public async Task<JsonElement> AskAsync(string path, string? body, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await _http.SendAsync(request, stop);
            JsonElement json = await response.Content.ReadFromJsonAsync(Output.ReportJson.Default.JsonElement, stop);
            return response.IsSuccessStatusCode
                ? json
                : throw new HttpRequestException($"The server at {_http.BaseAddress} refuses: {(json.ValueKind == JsonValueKind.Object && json.TryGetProperty("error", out JsonElement error) ? error.ToString() : response.ReasonPhrase)}", null, response.StatusCode);
        }
        catch (HttpRequestException fault) when (fault.StatusCode is null)
        {
            throw new HttpRequestException($"No server answers at {_http.BaseAddress}; 'thimble serve' starts one, and {Place} names another.", fault);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"What answers at {_http.BaseAddress}{path} sends no JSON; it is no server of this kind.", fault);
        }
    }

    public void Dispose() => _http.Dispose();
}
