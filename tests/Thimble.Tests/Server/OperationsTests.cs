using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Thimble.Server;
using Thimble.Server.Telemetry;
using Thimble.Tests.Library.Shelf;

namespace Thimble.Tests.Server;

public class OperationsTests
{
    [Fact]
    public async Task Figures_are_there_for_prometheus()
    {
        await using var server = new RunningServer();
        await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 4}""");
        await server.PostAsync("/v1/completions", "{}");
        string text = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("gen_ai_client_token_usage_sum{gen_ai_operation_name=\"text_completion\",gen_ai_request_model=\"stories\",gen_ai_provider_name=\"thimble\",gen_ai_token_type=\"output\"} 4\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE gen_ai_server_time_to_first_token_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("thimble_server_rejected_total{http_response_status_code=\"400\"", text, StringComparison.Ordinal);
        Assert.Contains("thimble_server_running 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_tell_counts_and_no_prompt()
    {
        List<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Meters.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (ended)
                    ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = new RunningServer(options => options.Alias = "traced");
        await server.PostAsync("/v1/completions", """{"prompt": "A secret", "max_tokens": 4}""");
        Activity? found = null;
        while (found is null)
        {
            lock (ended)
                found = ended.Find(activity => activity.DisplayName == "text_completion traced");
            await Task.Yield();
        }

        Assert.Equal(4L, found.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.DoesNotContain(found.TagObjects, tag => tag.Value?.ToString()!.Contains("secret", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Traces_and_figures_are_sent_by_otlp_when_the_server_stops_at_the_latest()
    {
        using var collector = new LoopbackHost(_ => new(200, []));
        await using (var server = new RunningServer(options => options.Otlp = new(collector.Address, "otlp")))
        {
            await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 2}""");
            await server.App.StopAsync();
        }

        string[] paths = [.. collector.Requests.Select(asked => asked.Path).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["/otlp/v1/metrics", "/otlp/v1/traces"], paths);
    }

    [Fact]
    public async Task A_server_that_stops_finishes_what_runs()
    {
        var server = new RunningServer();
        Task<(int Status, JsonElement Json)> running = server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 100, "ignore_eos": true}""");
        while (server.App.Services.GetRequiredService<Serving>().Admission.Running == 0 && !running.IsCompleted)
            await Task.Yield();
        await server.App.StopAsync();
        (int status, JsonElement json) = await running;
        Assert.Equal((200, 100), (status, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_draining_server_is_alive_but_not_ready()
    {
        await using var server = new RunningServer();
        await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 1}""");
        Assert.Equal(200, (await server.GetAsync("/ready")).Status);
        server.App.Services.GetRequiredService<Serving>().IsDraining = true;
        Assert.Equal((200, 503), ((await server.GetAsync("/health")).Status, (await server.GetAsync("/ready")).Status));
        Assert.Equal(503, (await server.PostAsync("/v1/completions", """{"prompt": "Once"}""")).Status);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_ended()
    {
        await using var server = new RunningServer(options => options.RequestTimeout = TimeSpan.FromMilliseconds(300));
        (int status, JsonElement json) = await server.PostAsync("/v1/completions", """{"prompt": "Once", "max_tokens": 100000, "ignore_eos": true, "n": 16}""");
        Assert.True((status, json.ToString().Contains("timeout", StringComparison.Ordinal)) is (504, true) or (200, _), json.ToString());
    }

    [Fact]
    public async Task An_application_of_ones_own_gets_the_same_addresses()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddThimble(options => options.Alias = "own");
        await using WebApplication app = builder.Build();
        app.MapGroup("/ai").MapThimble();
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        Assert.Contains("\"own\"", await client.GetStringAsync("/ai/v1/models"), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_cannot_be_meant_are_all_named()
    {
        ValidateOptionsResult result = new ServerCheck().Validate(null, new() { MaxConcurrent = 0, MaxQueue = -1, RequestTimeout = TimeSpan.Zero, ApiKeyFile = "none" });
        Assert.Equal(4, result.Failures!.Count());
        Assert.Contains("MaxConcurrent is 0; expected 1 or more", result.FailureMessage, StringComparison.Ordinal);
    }
}
