using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Thimble.Tests.Library.Shelf;

/// <summary>A web server on a port of its own that answers as a test says, byte for byte.</summary>
internal sealed class LoopbackHost : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Asked, Answer> _answer;
    private readonly List<Asked> _asked = [];

    public LoopbackHost(Func<Asked, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(ListenAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What was asked so far.</summary>
    public Asked[] Requests
    {
        get
        {
            lock (_asked)
                return [.. _asked];
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ListenAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync();
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        await using (var stream = new NetworkStream(socket))
        {
            try
            {
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string[] line = (await reader.ReadLineAsync() ?? "").Split(' ');
                Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                    headers[header[..header.IndexOf(':', StringComparison.Ordinal)]] = header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                if (line.Length < 2)
                    return;

                var asked = new Asked(line[1], headers);
                Answer answer;
                lock (_asked)
                {
                    _asked.Add(asked);
                    answer = _answer(asked);
                }

                await SendAsync(stream, answer);
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }

    private static async Task SendAsync(NetworkStream stream, Answer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} X\r\nConnection: close\r\n");
        if (answer.Length is { } length)
            head.Append($"Content-Length: {length}\r\n");
        foreach ((string name, string value) in answer.Headers)
            head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        await stream.WriteAsync(answer.Body);
        if (answer.Hangs)
            await stream.ReadExactlyAsync(new byte[1]);   // until the client goes away
    }
}

/// <summary>A request.</summary>
internal sealed record Asked(string Path, Dictionary<string, string> Headers)
{
    public string? Token => Headers.GetValueOrDefault("Authorization");

    /// <summary>The first and the last byte asked for; null for all.</summary>
    public (int From, int To)? Range => Headers.GetValueOrDefault("Range")?["bytes=".Length..].Split('-') is [var from, var to]
        ? (int.Parse(from, System.Globalization.CultureInfo.InvariantCulture), int.Parse(to, System.Globalization.CultureInfo.InvariantCulture))
        : null;
}

/// <summary>An answer.</summary>
internal sealed record Answer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>The length it promises, which may be another than it sends.</summary>
    public int? Length { get; init; } = Body.Length;

    /// <summary>Whether the connection stays open when all is sent.</summary>
    public bool Hangs { get; init; }

    public static Answer Text(string text) => new(200, Encoding.UTF8.GetBytes(text), ("Content-Type", "application/json"));

    public static Answer To(string location, params (string Name, string Value)[] headers) => new(302, [], [("Location", location), .. headers]);

    /// <summary>The part of a file that was asked for, or all of it.</summary>
    public static Answer File(byte[] file, Asked asked, string tag = "\"one\"")
    {
        if (asked.Range is not var (from, to))
            return new(200, file, ("ETag", tag));
        if (from >= file.Length)
            return new(416, [], ("Content-Range", $"bytes */{file.Length}"));
        int last = Math.Min(to, file.Length - 1);
        return new(206, file[from..(last + 1)], ("ETag", tag), ("Content-Range", $"bytes {from}-{last}/{file.Length}"));
    }
}
