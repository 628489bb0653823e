using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Server;

namespace Thimble.Tests.Server;

/// <summary>What bad clients do, scaled so that the suite stays quick; the full numbers are in the bench 'abuse'.</summary>
public class AbuseTests
{
    private const string Chat = "/v1/chat/completions";

    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_it_is_read()
    {
        await using var server = new RunningServer(options => options.MaxBodyBytes = 100_000);
        using var declared = new ByteArrayContent(new byte[200_000]);
        using HttpResponseMessage response = await server.Client.PostAsync(Chat, declared);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Equal(413, await ChunkedAsync(server, 200_000));
        Assert.Equal(200, (await server.PostAsync(Chat, Ask())).Status);
    }

    [Fact]
    public async Task Json_deeper_than_the_limit_is_refused()
    {
        await using var server = new RunningServer();
        (int status, JsonElement json) = await server.PostAsync(Chat, new string('[', 100_000) + new string(']', 100_000));
        Assert.Equal((400, "invalid_json"), (status, json.GetProperty("error").GetProperty("code").GetString()));
        (status, _) = await server.PostAsync(Chat, """{"messages": """ + new string('[', 100_000));
        Assert.Equal(400, status);
    }

    [Fact]
    public async Task A_refused_body_leaves_the_connection_usable()
    {
        await using var server = new RunningServer(options => options.OpenAtStart = false);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await using NetworkStream stream = client.GetStream();
        for (int i = 0; i < 3; i++)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{{no"));
            byte[] answer = new byte[4096];
            int read = await stream.ReadAsync(answer);
            Assert.StartsWith("HTTP/1.1 400", Encoding.ASCII.GetString(answer, 0, read), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Many_large_bodies_at_once_do_not_take_all_memory()
    {
        await using var server = new RunningServer(options => options.OpenAtStart = false);
        var serving = server.App.Services.GetRequiredService<Serving>();
        serving.Bodies.Take(255L << 20);   // those of others
        (int status, JsonElement json) = await server.PostAsync(Chat, Ask($"\"user\": \"{new string('x', 2 << 20)}\""));
        Assert.Equal((503, "bodies_too_large"), (status, json.GetProperty("error").GetProperty("code").GetString()));
        serving.Bodies.Return(255L << 20);
        Assert.Equal(200, (await server.PostAsync(Chat, Ask())).Status);
        while (serving.Bodies.Taken > 0)
            await Task.Yield();   // the answer is there before the request is put away
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"\\ud800\"}]}")]
    [InlineData("\0\0\0")]
    public async Task Nonsense_is_a_clients_fault(string body)
    {
        await using var server = new RunningServer(options => options.OpenAtStart = false);
        (int status, JsonElement json) = await server.PostAsync(Chat, body);
        Assert.Equal((400, "invalid_request_error"), (status, json.GetProperty("error").GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Streams_that_are_broken_off_disturb_nobody()
    {
        await using var server = new RunningServer();
        string ask = Ask("\"max_tokens\": 40, \"temperature\": 1, \"seed\": 3");
        (int _, JsonElement undisturbed) = await server.PostAsync(Chat, ask);
        Task<(int Status, JsonElement Json)> watched = server.PostAsync(Chat, ask);
        for (int i = 0; i < 50; i++)
            await BreakOffAsync(server);
        Assert.Equal(Text(undisturbed), Text((await watched).Json));
        await LeftAloneAsync(server);
        Assert.Equal(Text(undisturbed), Text((await server.PostAsync(Chat, ask)).Json));
    }

    [Fact]
    public async Task Who_goes_away_stops_the_model()
    {
        const int Context = 20_000;
        await using var server = new RunningServer(options => (options.MaxConcurrent, options.Opening) = (8, new() { ContextLength = Context }));
        for (int i = 0; i < 8; i++)
            await BreakOffAsync(server, "\"max_tokens\": 100000, \"ignore_eos\": true");
        Serving serving = await LeftAloneAsync(server);
        long written = Written(serving);
        Assert.InRange(written, 0, 8 * Context / 2);   // all of it, had they been written to their ends
        (int status, JsonElement json) = await server.PostAsync(Chat, Ask("\"max_tokens\": 20, \"ignore_eos\": true"));
        Assert.Equal((200, 20), (status, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.Equal(19, Written(serving) - written);   // the first comes with the prompt, and nobody else writes
    }

    [Fact]
    public async Task Connections_that_send_next_to_nothing_hold_up_nobody()
    {
        await using var server = new RunningServer();
        List<TcpClient> slow = [];
        for (int i = 0; i < 50; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(i % 2 == 0 ? "P" : $"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{{"));
            slow.Add(client);
        }

        Assert.Equal(200, (await server.PostAsync(Chat, Ask())).Status);
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_client_that_never_reads_holds_up_nobody()
    {
        await using var server = new RunningServer();
        using var client = new TcpClient { ReceiveBufferSize = 1024 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        string body = Ask("\"stream\": true, \"max_tokens\": 400, \"ignore_eos\": true, \"logprobs\": true, \"top_logprobs\": 20");
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        for (int i = 0; i < 5; i++)
            Assert.Equal(200, (await server.PostAsync(Chat, Ask())).Status);
    }

    [Fact]
    public async Task What_nobody_reads_gives_its_place_back_and_is_there_when_it_is_read_after_all()
    {
        await using var server = new RunningServer(options => options.MaxConcurrent = 1);
        using var client = new TcpClient { ReceiveBufferSize = 1024 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        string body = Ask("\"stream\": true, \"max_tokens\": 300, \"ignore_eos\": true, \"logprobs\": true, \"top_logprobs\": 4");
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        await client.GetStream().ReadExactlyAsync(new byte[12]);
        Assert.Equal(200, (await server.PostAsync(Chat, Ask())).Status);
        using var rest = new StreamReader(client.GetStream());
        string answer = await rest.ReadToEndAsync();
        Assert.True(answer.Length > 100_000, $"{answer.Length} characters would have fitted without being kept");
        Assert.Contains("data: [DONE]", answer, StringComparison.Ordinal);
    }

    /// <summary>Asks for a stream, and is gone once it has begun: the connection is reset, so that nothing keeps it open.</summary>
    private static async Task BreakOffAsync(RunningServer server, string options = "\"max_tokens\": 100")
    {
        using var client = new TcpClient { LingerState = new(true, 0) };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        string body = Ask(options + ", \"stream\": true");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST {Chat} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        byte[] begun = new byte[12];
        await client.GetStream().ReadExactlyAsync(begun);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(begun));
    }

    /// <summary>Waits until every request has given its place back; a server that misses one that went never comes so far.</summary>
    private static async Task<Serving> LeftAloneAsync(RunningServer server)
    {
        var serving = server.App.Services.GetRequiredService<Serving>();
        while (serving.Admission.Running > 0 || serving.Models.Engines().Any(engine => engine.Statistics.Running > 0))
            await Task.Yield();
        return serving;
    }

    private static long Written(Serving serving) => serving.Models.Engines().Sum(engine => engine.Statistics.WrittenTokens);

    private static async Task<int> ChunkedAsync(RunningServer server, int bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = new StreamContent(new MemoryStream(new byte[bytes])) };
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static string Ask(string options = "\"max_tokens\": 1") => $$"""{"messages": [{"role": "user", "content": "Once upon a time"}], {{options}}}""";

    private static string? Text(JsonElement json) => !json.TryGetProperty("choices", out JsonElement choices) ? json.ToString() : choices[0].GetProperty("message").GetProperty("content").GetString();
}
