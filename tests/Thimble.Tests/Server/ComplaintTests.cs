using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Server;
using Thimble.Server.Hosting;
using Thimble.Server.Http;

namespace Thimble.Tests.Server;

/// <summary>What users of other servers complain of, by the numbers that <c>docs/serve.md</c> gives, where no other test is about it.</summary>
public class ComplaintTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Chat = "/v1/chat/completions";

    [Fact]
    public async Task Complaint_1_a_prompt_is_never_cut_silently()
    {
        string messages = string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $$"""{"role": "user", "content": "Tell me of the dog, part {{i}}."}, {"role": "assistant", "content": "It ran on and on in the park."}"""));
        messages += """, {"role": "user", "content": "And now?"}""";
        (int status, JsonElement json) = await server.PostAsync(Chat, $$"""{"messages": [{{messages}}], "max_tokens": 2}""");
        JsonElement error = json.GetProperty("error");
        Assert.Equal((400, "context_length_exceeded"), (status, error.GetProperty("code").GetString()));
        Assert.True(error.GetProperty("n_prompt_tokens").GetInt32() > error.GetProperty("n_ctx").GetInt32());
        (status, json) = await server.PostAsync(Chat, $$"""{"messages": [{{messages}}], "max_tokens": 2, "truncation": "auto"}""");
        Assert.Equal(200, status);
        Assert.True(json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() < error.GetProperty("n_ctx").GetInt32());
    }

    [Fact]
    public async Task Complaint_4_a_format_is_kept_or_refused()
    {
        (int _, JsonElement json) = await server.PostAsync("/v1/completions", """{"prompt": "Say:", "max_tokens": 50, "response_format": {"type": "regex", "pattern": "[0-9]{3}-[a-f]{2}"}}""");
        Assert.Matches("^[0-9]{3}-[a-f]{2}$", json.GetProperty("choices")[0].GetProperty("text").GetString());
        (int status, json) = await server.PostAsync("/v1/completions", """{"prompt": "Say:", "response_format": {"type": "regex", "pattern": "(a)\\1"}}""");
        Assert.Equal((400, "response_format.pattern"), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Complaint_5_who_goes_away_is_no_longer_computed_for()
    {
        await using var own = new RunningServer();
        var serving = own.App.Services.GetRequiredService<Serving>();
        using var stop = new CancellationTokenSource();
        using var content = new StringContent("""{"prompt": "Once", "ignore_eos": true, "max_tokens": 100000, "n": 16}""");
        Task<HttpResponseMessage> whole = own.Client.PostAsync("/v1/completions", content, stop.Token);
        while (serving.Admission.Running == 0 && !whole.IsCompleted)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => whole);
        while (serving.Admission.Running > 0)
            await Task.Yield();
    }

    [Fact]
    public async Task Complaints_11_and_15_company_changes_no_text_and_takes_no_context()
    {
        string[] asks = [.. Enumerable.Range(1, 6).Select(i => $$"""{"prompt": "Once upon a time {{i}}", "max_tokens": 12, "temperature": 0.9, "seed": {{i}}}""")];
        List<string?> alone = [];
        foreach (string ask in asks)
            alone.Add(await TextAsync(ask));
        string?[] together = await Task.WhenAll(asks.Select(TextAsync));
        Assert.Equal(alone, together);
        (int _, JsonElement properties) = await server.GetAsync("/props");
        Assert.Equal(512, properties.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32());
    }

    [Theory]
    [InlineData("POST /v1/chat/completions"), InlineData("POST /v1/completions"), InlineData("POST /v1/embeddings"), InlineData("POST /v1/responses")]
    [InlineData("POST /v1/messages"), InlineData("POST /v1/messages/count_tokens"), InlineData("POST /v1/rerank"), InlineData("GET /v1/models")]
    [InlineData("POST /completion"), InlineData("POST /tokenize"), InlineData("POST /detokenize"), InlineData("POST /infill"), InlineData("POST /apply-template")]
    [InlineData("GET /health"), InlineData("GET /ready"), InlineData("GET /props"), InlineData("GET /slots"), InlineData("GET /metrics"), InlineData("GET /lora-adapters")]
    public void Complaint_13_an_address_is_answered(string route) =>
        Assert.Contains(route, Routes.All.Select(known => $"{known.Method} {known.Pattern}"));

    [Fact]
    public void Complaint_14_only_this_machine_can_ask_unless_told_otherwise()
    {
        Assert.True(new Listening().IsLoopback);
        Assert.Empty(new ServerOptions().Origins);
    }

    private async Task<string?> TextAsync(string ask) =>
        (await server.PostAsync("/v1/completions", ask)).Json.GetProperty("choices")[0].GetProperty("text").GetString();
}
