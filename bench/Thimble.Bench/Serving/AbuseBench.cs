using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Thimble.Server.Hosting;

namespace Thimble.Bench;

/// <summary>What bad clients do, in full numbers: the server must go on answering the good one, with the same text, and in the same memory.</summary>
internal static class AbuseBench
{
    private const string Path = "/v1/completions";
    private const string Good = """{"prompt": "Once upon a time", "max_tokens": 24, "temperature": 1, "seed": 7}""";

    public static async Task Run(string[] args)
    {
        double share = args is [var given, ..] ? double.Parse(given, CultureInfo.InvariantCulture) : 1;
        await using WebApplication app = Standalone.Build(new() { Port = 0 }, new() { MaxBodyBytes = 32 << 20 });
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using var client = new HttpClient { BaseAddress = address };
        string text = await AskAsync(client);
        Console.WriteLine($"memory at the start: {Memory()} MiB");
        await MeasureAsync("connections that send a byte a second", Count(1000), n => SlowAsync(address, n, client, text));
        await MeasureAsync("streams broken off", Count(10_000), n => BrokenAsync(client, n));
        await MeasureAsync("bodies of 1 GB", Count(10), n => LargeAsync(client, n));
        await MeasureAsync("bodies 100,000 deep", Count(1000), n => DeepAsync(client, n));
        await MeasureAsync("clients that never read", Count(100), n => UnreadAsync(address, n));
        await MeasureAsync("requests of a good client", Count(2000), async n =>
        {
            for (int i = 0; i < n; i++)
                Same(text, await AskAsync(client));
        });

        int Count(int whole) => Math.Max(1, (int)(whole * share));

        async Task MeasureAsync(string what, int count, Func<int, Task> abuse)
        {
            var time = Stopwatch.StartNew();
            await abuse(count);
            Same(text, await AskAsync(client));
            Console.WriteLine($"{count,7} {what}: {time.Elapsed.TotalSeconds,6:F1} s, then {Memory()} MiB; the good client's text is the same");
        }
    }

    private static async Task SlowAsync(Uri address, int count, HttpClient client, string text)
    {
        List<TcpClient> slow = [];
        for (int i = 0; i < count; i++)
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(address.Host, address.Port);
            slow.Add(connection);
        }

        byte[] sent = Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: localhost\r\n");
        for (int second = 0; second < 15; second++)
        {
            foreach (TcpClient connection in slow)
            {
                try
                {
                    connection.GetStream().WriteByte(sent[second]);
                }
                catch (IOException)
                {
                    // the server has had enough of it, which is right
                }
            }

            Same(text, await AskAsync(client));
            await Task.Delay(1000);
        }

        slow.ForEach(connection => connection.Dispose());
    }

    private static async Task BrokenAsync(HttpClient client, int count)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, stop) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path)
            {
                Content = new StringContent("""{"prompt": "Once upon a time", "max_tokens": 200, "stream": true}"""),
            };
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        });
    }

    private static async Task LargeAsync(HttpClient client, int count)
    {
        for (int i = 0; i < count; i++)
        {
            try
            {
                using var content = new StreamContent(new Zeros(1L << 30));
                using HttpResponseMessage response = await client.PostAsync(Path, content);
                if ((int)response.StatusCode != 413)
                    throw new InvalidDataException($"A body of 1 GB got status {(int)response.StatusCode}; expected 413.");
            }
            catch (HttpRequestException)
            {
                // cut off while sending, which is right too
            }
        }
    }

    private static async Task DeepAsync(HttpClient client, int count)
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        for (int i = 0; i < count; i++)
        {
            using var content = new StringContent(deep);
            using HttpResponseMessage response = await client.PostAsync(Path, content);
            if ((int)response.StatusCode != 400)
                throw new InvalidDataException($"Deep JSON got status {(int)response.StatusCode}; expected 400.");
        }
    }

    private static async Task UnreadAsync(Uri address, int count)
    {
        string body = """{"prompt": "Once", "max_tokens": 400, "ignore_eos": true, "stream": true, "logprobs": 20}""";
        List<TcpClient> clients = [];
        for (int i = 0; i < count; i++)
        {
            var client = new TcpClient { ReceiveBufferSize = 1024 };
            await client.ConnectAsync(address.Host, address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            clients.Add(client);
        }

        await Task.Delay(2000);
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<string> AskAsync(HttpClient client)
    {
        using var content = new StringContent(Good);
        using HttpResponseMessage response = await client.PostAsync(Path, content);
        using var json = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("choices")[0].GetProperty("text").GetString()!;
    }

    private static void Same(string expected, string got)
    {
        if (expected != got)
            throw new InvalidDataException($"The good client got '{got}'; undisturbed it was '{expected}'.");
    }

    private static long Memory()
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64 >> 20;
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
