using System.Net.Sockets;
using System.Text;

namespace Thimble.Bench;

/// <summary>Clients that nobody wants; each tells what became of them.</summary>
/// <param name="address">Where the server is.</param>
internal sealed class BadClients(Uri address)
{
    /// <summary>What is asked.</summary>
    public const string Path = "/v1/completions";

    private const int Seconds = 20;

    private static readonly string[] s_bombs =
    [
        """{"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}""",
        """{"type": "string", "pattern": "^((a{1000}){1000}){1000}$"}""",
        """{"type": "array", "minItems": 1000000000, "items": {"type": "array", "minItems": 1000000000}}""",
        """{"type": "string", "minLength": 2000000000}""",
        $$"""{"enum": [{{string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"{i * 7919}\""))}}]}""",
        $$"""{"type": "object", "properties": {{{string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"p{i}\": {{\"type\": \"integer\"}}"))}}}, "additionalProperties": false}""",
    ];

    /// <summary>Connections that send a byte a second, of their headers or of their bodies.</summary>
    public async Task<string> SlowAsync(int count, bool body)
    {
        List<TcpClient> slow = [];
        for (int i = 0; i < count; i++)
            slow.Add(await ConnectAsync());
        string head = $"POST {Path} HTTP/1.1\r\nHost: localhost\r\n";
        byte[] sent = Encoding.ASCII.GetBytes(body ? new string(' ', Seconds) : head);
        if (body)
            slow.ForEach(client => TrySend(client, Encoding.ASCII.GetBytes(head + "Content-Length: 1000\r\n\r\n{")));
        for (int second = 0; second < Seconds; second++)
        {
            slow.ForEach(client => TrySend(client, sent.AsSpan(second, 1)));
            await Task.Delay(1000);
        }

        int cut = slow.Count(client => !TrySend(client, " "u8) || IsCut(client));
        slow.ForEach(client => client.Dispose());
        return $" ({cut} were cut off)";
    }

    /// <summary>Streams that are broken off after their first bytes.</summary>
    public async Task<string> BreakOffAsync(int count)
    {
        // Else the client would read on for two seconds to save the connection.
        using var client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero, MaxResponseDrainSize = 0 }) { BaseAddress = address };
        int broken = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, stop) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent($$"""{"prompt": "Once upon a time {{i}}", "max_tokens": 200, "stream": true, "ignore_eos": true}""") };
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            await using Stream stream = await response.Content.ReadAsStreamAsync(stop);
            if (i % 2 == 0)
                await stream.ReadExactlyAsync(new byte[64], stop);
            Interlocked.Add(ref broken, response.IsSuccessStatusCode ? 1 : 0);
        });
        return $" ({broken} had begun)";
    }

    /// <summary>Bodies of a gigabyte, with their length said and without.</summary>
    public async Task<string> SendLargeAsync(int count)
    {
        using var client = new HttpClient { BaseAddress = address };
        int refused = 0, cut = 0;
        for (int i = 0; i < count; i++)
        {
            using var content = new StreamContent(new Zeros(1L << 30));
            if (i % 2 == 0)
                content.Headers.ContentLength = 1L << 30;
            try
            {
                using HttpResponseMessage response = await client.PostAsync(Path, content);
                refused += (int)response.StatusCode == 413 ? 1 : throw new InvalidDataException($"A body of 1 GB got status {(int)response.StatusCode}; expected 413.");
            }
            catch (HttpRequestException)
            {
                cut++;   // while sending, which is right too
            }
        }

        return $" ({refused} refused, {cut} cut off)";
    }

    /// <summary>JSON a hundred thousand deep.</summary>
    public async Task<string> SendDeepAsync(int count)
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        return await RefusedAsync(count, _ => deep, Path, 400);
    }

    /// <summary>Schemas made to take for ever.</summary>
    public Task<string> SendBombsAsync(int count) => RefusedAsync(
        count, i => $$"""{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {{s_bombs[i % s_bombs.Length]}} } } }""",
        "/v1/chat/completions", 200, 400);

    /// <summary>Streams that nobody reads.</summary>
    public async Task<string> IgnoreAsync(int count)
    {
        string body = """{"prompt": "Once", "max_tokens": 400, "ignore_eos": true, "stream": true, "logprobs": 5}""";
        List<TcpClient> clients = [];
        for (int i = 0; i < count; i++)
        {
            TcpClient client = await ConnectAsync();
            TrySend(client, Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            clients.Add(client);
        }

        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        clients.ForEach(client => client.Dispose());
        return "";
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { ReceiveBufferSize = 1024, NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port);
        return client;
    }

    private async Task<string> RefusedAsync(int count, Func<int, string> body, string path, params int[] expected)
    {
        using var client = new HttpClient { BaseAddress = address };
        Dictionary<int, int> seen = [];
        for (int i = 0; i < count; i++)
        {
            using var content = new StringContent(body(i));
            using HttpResponseMessage response = await client.PostAsync(path, content);
            int status = (int)response.StatusCode;
            seen[status] = seen.GetValueOrDefault(status) + 1;
            if (!expected.Contains(status))
                throw new InvalidDataException($"Got status {status}; expected {string.Join(" or ", expected)}: {await response.Content.ReadAsStringAsync()}");
        }

        return $" ({string.Join(", ", seen.Select(pair => $"{pair.Value} got {pair.Key}"))})";
    }

    private static bool TrySend(TcpClient client, ReadOnlySpan<byte> bytes)
    {
        try
        {
            client.Client.Send(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;   // the server has had enough of it, which is right
        }
    }

    private static bool IsCut(TcpClient client)
    {
        try
        {
            return client.Client.Poll(0, SelectMode.SelectRead) && (client.Client.Available == 0 || client.Client.Receive(new byte[1]) >= 0);
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>So many zeros.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int given = (int)Math.Min(_left, count);
            _left -= given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
