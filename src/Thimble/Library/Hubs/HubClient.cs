using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Thimble.Library;

/// <summary>Asks hubs over HTTP: follows them to other hosts without taking the token along, and is patient with busy ones.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;
    private readonly HubOptions _options;
    private readonly ConcurrentDictionary<string, string> _granted = new(StringComparer.Ordinal);   // tokens, by the host that asked for one

    public HubClient(HubOptions options)
    {
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("thimble", typeof(HubClient).Assembly.GetName().Version!.ToString(3)));
    }

    /// <summary>Fetches a text that is no longer than a limit.</summary>
    /// <returns>The text, and the response it came with.</returns>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public async Task<(byte[] Bytes, HttpResponseMessage Response)> ReadAsync(HubRequest request, int most, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
                await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                using var bytes = new MemoryStream();
                byte[] buffer = new byte[16384];
                for (int read; (read = await ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    bytes.Write(buffer, 0, read);
                    if (bytes.Length > most)
                        throw new InvalidDataException($"'{request.Address}' sends more than {most} bytes; expected a short text.");
                }

                return (bytes.ToArray(), response);
            }
            catch (IOException fault) when (fault is not FileNotFoundException && attempt < _options.Retries)
            {
                await Task.Delay(Backoff(attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Asks, and waits for the head of the answer.</summary>
    /// <exception cref="FileNotFoundException">There is no such thing.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not for everyone; the message says what helps.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached, or refuses for another reason.</exception>
    public async Task<HttpResponseMessage> SendAsync(HubRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await FollowAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && request.Range is not null))
                    return response;
                bool busy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500;
                TimeSpan wait = RetryAfter(response) ?? Backoff(attempt);
                if (!busy || attempt >= _options.Retries || wait > s_longestWait)
                    throw await HubRefusal.OfAsync(request, response, cancellationToken).ConfigureAwait(false);
                response.Dispose();
                await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException fault) when (fault.StatusCode is null)
            {
                response?.Dispose();
                if (attempt >= _options.Retries)
                    throw new HttpRequestException($"'{request.Address.GetLeftPart(UriPartial.Authority)}' cannot be reached: {fault.Message}", fault);
                await Task.Delay(Backoff(attempt), cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                response?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Reads from a body, but does not wait for ever.</summary>
    /// <exception cref="IOException">Nothing came for too long, or the body is cut.</exception>
    public async Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(_options.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The server sent nothing for {_options.StallTimeout.TotalSeconds:F0} s.");
        }
    }

    /// <summary>The wait before a new try.</summary>
    public TimeSpan Backoff(int attempt) => _options.RetryDelay * Math.Pow(2, Math.Min(attempt, 6));

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(HubRequest request, CancellationToken cancellationToken)
    {
        Uri address = request.Target ?? request.Address;
        string host = request.Address.GetLeftPart(UriPartial.Authority);
        string? token = request.Token ?? _granted.GetValueOrDefault(host);
        bool asked = false;
        for (int hop = 0; ; hop++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, address);
            // The token is the first host's; whoever it sends us to must not see it.
            if (token is not null && IsSameOrigin(address, request.Address))
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (request.Range is { } range)
                message.Headers.Range = new RangeHeaderValue(range.From, range.To);
            foreach (string type in request.Accept)
                message.Headers.Accept.ParseAdd(type);

            HttpResponseMessage response = await HeadAsync(message, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized && !asked && request.Token is null && IsSameOrigin(address, request.Address)
                && TokenChallenge.Of(response, address) is { } challenge)
            {
                asked = true;   // a token that does not open it either is the end
                response.Dispose();
                _granted[host] = token = await GrantAsync(challenge, request, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                request.Target = response.IsSuccessStatusCode ? address : null;
                return response;
            }

            request.Headers ??= response.Headers;
            response.Dispose();
            Uri next = new(address, location);
            if (hop == MostRedirects || next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
                throw new InvalidDataException($"'{request.Address}' leads to '{next.GetLeftPart(UriPartial.Path)}', which is not followed: {(hop == MostRedirects ? "it is one redirection too many" : "it would leave HTTPS")}.");
            address = next;
        }
    }

    /// <summary>Asks for a token where a registry says it is given; with the login, if there is one and it is the registry that asks.</summary>
    private async Task<string> GrantAsync(TokenChallenge challenge, HubRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, challenge.Address);
        if (_options.RegistryLogin is { } login && IsSameOrigin(request.Address, _options.Registry) && challenge.IsPrivate)
            message.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(login)));
        using HttpResponseMessage response = await HeadAsync(message, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw await HubRefusal.OfAsync(request, response, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"'{challenge.Realm.GetLeftPart(UriPartial.Path)}', which gives its tokens, answered {(int)response.StatusCode}.");
        return await challenge.ReadAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> HeadAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(_options.StallTimeout);
        try
        {
            return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"it did not answer within {_options.StallTimeout.TotalSeconds:F0} s.");
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - (response.Headers.Date ?? TimeProvider.System.GetUtcNow()) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static bool IsSameOrigin(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}

/// <summary>One thing to ask for, perhaps several times.</summary>
/// <param name="Address">Where.</param>
/// <param name="Token">What opens it, for the host of that address alone.</param>
internal sealed record HubRequest(Uri Address, string? Token = null)
{
    /// <summary>The bytes wanted, the last one included; null for all.</summary>
    public (long From, long? To)? Range { get; init; }

    /// <summary>The kinds of answer that are understood.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The variable that opens what this server keeps to some.</summary>
    public string Variable { get; init; } = "HF_TOKEN";

    /// <summary>Where it led the last time; null to ask the address itself.</summary>
    public Uri? Target { get; set; }

    /// <summary>What the first host said of it before it sent us on; null where it did not.</summary>
    public HttpResponseHeaders? Headers { get; set; }
}
