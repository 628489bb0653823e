using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Thimble.Server;
using Thimble.Server.Access;
using Thimble.Server.Hosting;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

public class AccessTests
{
    private const string Chat = """{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}""";

    [Fact]
    public async Task Keys_are_asked_for_and_only_their_hashes_kept()
    {
        using var folder = new TemporaryFolder();
        string key = ApiKeys.Add(folder["keys"], "ada"), other = ApiKeys.Add(folder["keys"], "bob");
        string kept = await File.ReadAllTextAsync(folder["keys"]);
        Assert.DoesNotContain(key, kept, StringComparison.Ordinal);
        await using var server = new RunningServer(options => options.ApiKeyFile = folder["keys"]);
        Assert.Equal(401, await StatusAsync(server, null));
        Assert.Equal(401, await StatusAsync(server, key[..^1] + "x"));
        Assert.Equal((200, 200), (await StatusAsync(server, key), await StatusAsync(server, other)));
        server.Client.DefaultRequestHeaders.Add("x-api-key", key);
        Assert.Equal(200, await StatusAsync(server, null));
        Assert.Equal((200, "ok"), await HealthAsync(server));   // tells no secret, needs no key
    }

    [Theory]
    [InlineData("POST", "/api/pull"), InlineData("POST", "/api/create"), InlineData("POST", "/api/copy"), InlineData("DELETE", "/api/delete"), InlineData("POST", "/lora-adapters")]
    [InlineData("POST", "/api/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Models_are_changed_with_an_administrator_s_key_only(string method, string path)
    {
        using var folder = new TemporaryFolder();
        string user = ApiKeys.Add(folder["keys"], "ada"), admin = ApiKeys.Add(folder["keys"], "bob", admin: true);
        await using var server = new RunningServer(options => (options.ApiKeyFile, options.OpenAtStart) = (folder["keys"], false));
        Assert.Equal(401, await ChangeAsync(server, method, path, null));
        Assert.Equal(403, await ChangeAsync(server, method, path, user));
        Assert.NotInRange(await ChangeAsync(server, method, path, admin), 401, 403);
    }

    [Theory]
    [InlineData(true, false, "mine")]
    [InlineData(false, false, "mine", "yours")]
    [InlineData(false, true, "mine")]
    public void The_only_key_is_its_owners_and_several_are_users(bool owner, bool file, params string[] keys)
    {
        using var folder = new TemporaryFolder();
        ApiKeys.Add(folder["keys"], "ada");
        var known = ApiKeys.Of(new() { ApiKeys = keys, ApiKeyFile = file ? folder["keys"] : null });
        Assert.All(keys, key => Assert.Equal(owner, known.Find(key)!.IsAdmin));
    }

    [Fact]
    public async Task Without_keys_models_are_changed_from_this_machine_only()
    {
        await using var server = new RunningServer(options => (options.Hosts, options.OpenAtStart) = (["proxied.example"], false));
        Assert.NotEqual(403, await ChangeAsync(server, "DELETE", "/api/delete", null));
        Assert.Equal(403, await ChangeAsync(server, "DELETE", "/api/delete", null, ("Host", "proxied.example")));
        Assert.Equal(403, await ChangeAsync(server, "DELETE", "/api/delete", null, ("X-Forwarded-For", "192.0.2.1")));
    }

    [Fact]
    public void An_administrator_is_marked_in_the_file_and_a_name_is_not_mistaken_for_the_mark()
    {
        using var folder = new TemporaryFolder();
        string admin = ApiKeys.Add(folder["keys"], "bob", admin: true), named = ApiKeys.Add(folder["keys"], "admin");
        var keys = ApiKeys.Of(new() { ApiKeyFile = folder["keys"], ApiKeys = ["clear"] });
        Assert.Equal(new Tenant("bob", IsAdmin: true), keys.Find(admin));
        Assert.Equal(new Tenant("admin"), keys.Find(named));
        Assert.False(keys.Find("clear")!.IsAdmin);
    }

    [Fact]
    public void A_file_that_holds_a_key_in_clear_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys"], "# mine\n\nsk-secret\n");
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => ApiKeys.Of(new() { ApiKeyFile = folder["keys"] }));
        Assert.Contains("Line 3", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("*")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    public void A_public_address_without_a_key_is_refused(string host)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Standalone.Build(new() { Host = host }, new()));
        Assert.Contains("--api-key-file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_others_are_kept_out_unless_allowed()
    {
        await using var server = new RunningServer(options => options.Origins = ["https://good.example"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(server, "Origin", "https://bad.example")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(server, "Host", "rebound.example")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(server, "Origin", server.Address.GetLeftPart(UriPartial.Authority))).Status);
        (HttpStatusCode status, HttpResponseHeaders headers) = await AskAsync(server, "Origin", "https://good.example");
        Assert.Equal((HttpStatusCode.OK, "https://good.example"), (status, headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.False((await AskAsync(server, "Accept", "*/*")).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_again()
    {
        await using var server = new RunningServer(options => (options.ApiKeys, options.RequestsPerMinute) = (["one", "two"], 2));
        int[] statuses = [await StatusAsync(server, "one"), await StatusAsync(server, "one"), await StatusAsync(server, "one")];
        Assert.Equal((int[])[200, 200, 429], statuses);
        Assert.Equal(200, await StatusAsync(server, "two"));
        using HttpResponseMessage response = await PostAsync(server, "one");
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_full_queue_answers_at_once()
    {
        await using var server = new RunningServer(options => (options.MaxConcurrent, options.MaxQueue) = (1, 1));
        using var stop = new CancellationTokenSource();
        Task[] busy = [.. Enumerable.Range(0, 2).Select(_ => LongAsync(server, stop.Token))];
        int status = 200;
        while (status == 200)
            status = await StatusAsync(server, null);   // until the two above are in
        Assert.Equal(429, status);
        await stop.CancelAsync();
        await Task.WhenAll(busy);
        while (await StatusAsync(server, null) != 200)
            await Task.Yield();   // and places are given back
    }

    private static async Task<int> ChangeAsync(RunningServer server, string method, string path, string? key, (string Name, string Value) header = default)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = new StringContent("""{"model": "hf.co/nobody", "from": "none", "source": "none", "destination": "x"}""") };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        if (header.Name is { } name)
            request.Headers.TryAddWithoutValidation(name, header.Value);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static async Task LongAsync(RunningServer server, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var content = new StringContent("""{"prompt": "Once", "max_tokens": 400, "ignore_eos": true}""");
                using HttpResponseMessage _ = await server.Client.PostAsync("/v1/completions", content, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // that is the plan
        }
    }

    private static async Task<int> StatusAsync(RunningServer server, string? key)
    {
        using HttpResponseMessage response = await PostAsync(server, key);
        return (int)response.StatusCode;
    }

    private static Task<HttpResponseMessage> PostAsync(RunningServer server, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Chat) };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        return server.Client.SendAsync(request);
    }

    private static async Task<(HttpStatusCode Status, HttpResponseHeaders Headers)> AskAsync(RunningServer server, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return (response.StatusCode, response.Headers);
    }

    private static async Task<(int, string?)> HealthAsync(RunningServer server)
    {
        (int status, JsonElement json) = await server.GetAsync("/health");
        return (status, json.GetProperty("status").GetString());
    }
}
