using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Scheduling;
using Thimble.Server;
using Thimble.Server.Semantic;
using Thimble.Tests.Library.Shelf;

namespace Thimble.Tests.Server;

/// <summary>Graphs of calls over HTTP: <c>/v1/sessions</c>, <c>/v1/semantic-calls</c>, <c>/v1/semantic-variables</c>.</summary>
public class SemanticTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Short = """ "sampling": {"temperature": 0, "max_tokens": 8, "ignore_eos": true} """;

    [Fact]
    public async Task A_chain_runs_on_the_server_and_its_values_are_waited_for()
    {
        string session = await OpenAsync();
        JsonElement first = await AskAsync("/v1/semantic-calls", $$"""{"session": "{{session}}", "template": "Once upon a time{{Gap("output:a")}}", {{Short}} }""");
        string a = Variable(first, "a");
        JsonElement second = await AskAsync("/v1/semantic-calls",
            $$"""{"session": "{{session}}", "template": "The dog.{{Gap("input:a")}} Then{{Gap("output:b")}}", "parameters": [{"name": "a", "var_id": "{{a}}"}], {{Short}} }""");
        Assert.Equal("empty", (await GetAsync($"/v1/semantic-variables/{a}")).GetProperty("state").GetString());
        JsonElement b = await GetAsync($"/v1/semantic-variables/{Variable(second, "b")}?criterion=latency");
        JsonElement whole = await GetAsync($"/v1/semantic-variables/{a}");
        Assert.Equal(("ready", "ready"), (b.GetProperty("state").GetString(), whole.GetProperty("state").GetString()));
        (int _, JsonElement alone) = await server.PostAsync("/v1/completions",
            $$"""{"prompt": {{JsonSerializer.Serialize($"The dog.{whole.GetProperty("value").GetString()} Then")}}, "temperature": 0, "max_tokens": 8, "ignore_eos": true}""");
        Assert.Equal(alone.GetProperty("choices")[0].GetProperty("text").GetString(), b.GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_value_that_is_given_sets_those_going_that_wait_for_it()
    {
        string session = await OpenAsync();
        JsonElement made = await AskAsync("/v1/semantic-variables", $$"""{"session": "{{session}}", "name": "topic"}""");
        string topic = made.GetProperty("id").GetString()!;
        JsonElement call = await AskAsync("/v1/semantic-calls",
            $$"""{"session": "{{session}}", "template": "A story of {{Gap("input:topic")}}:{{Gap("output:story")}}", "parameters": [{"name": "topic", "variable": "{{topic}}"}], {{Short}} }""");
        string story = Variable(call, "story");
        Assert.Equal("empty", (await GetAsync($"/v1/semantic-variables/{story}?criteria=throughput&wait=0.05")).GetProperty("state").GetString());
        Task<JsonElement> waiting = GetAsync($"/v1/semantic-variables/{story}?criterion=ttft");
        await AskAsync($"/v1/semantic-variables/{topic}", """{"value": "a dog"}""");
        Assert.NotEqual("", (await waiting).GetProperty("value").GetString());
        Assert.Equal(409, (await server.PostAsync($"/v1/semantic-variables/{topic}", """{"value": "a cat"}""")).Status);
        JsonElement shown = await GetAsync($"/v1/sessions/{session}");
        Assert.Equal((0, 2), (shown.GetProperty("calls").GetInt32(), shown.GetProperty("variables").GetArrayLength()));
    }

    [Fact]
    public async Task A_call_that_fails_is_told_to_all_who_wait_for_what_it_leads_to()
    {
        string session = await OpenAsync();
        JsonElement answer = await AskAsync("/v1/semantic-calls", $$"""
            {"session": "{{session}}", "variables": [{"label": "given", "name": "given", "value": "no JSON"}], "calls": [
              {"template": "{{Gap("input:given")}}{{Gap("output:a")}}", "parameters": [{"name": "given", "label": "given", "transform": "json:x"}, {"name": "a", "label": "a"}] },
              {"template": "{{Gap("input:a")}}{{Gap("output:b")}}", "parameters": [{"name": "a", "label": "a"}] } ] }
            """);
        string b = Variable(answer.GetProperty("data")[1], "b");
        (int status, JsonElement json) = await server.GetAsync($"/v1/semantic-variables/{b}?criterion=latency");
        Assert.Equal((424, "semantic_call_failed"), (status, json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("field 'x'", json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("failed", (await GetAsync($"/v1/semantic-variables/{b}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_calls_read_and_write_is_limited_and_counted()
    {
        await using var own = new RunningServer(options => options.MaxPromptTokens = 40);
        using SemanticSession session = await new ParrotClient(own.Client).OpenSessionAsync();
        SemanticCallOptions brief = new() { Generation = new() { MaxTokens = 5, IgnoreEnd = true } };
        Assert.NotEqual("", await session.Call(new("Once{{output:x}}"), [], brief)["x"].GetAsync());
        string text = await own.Client.GetStringAsync("/metrics");
        Assert.Contains("gen_ai_client_token_usage_sum{gen_ai_operation_name=\"text_completion\",gen_ai_request_model=\"stories\",gen_ai_provider_name=\"thimble\",gen_ai_token_type=\"output\"} 5\n", text, StringComparison.Ordinal);
        SemanticFunction far = new($"{string.Join(' ', Enumerable.Repeat("a dog", 40))}{{{{output:x}}}}");
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => session.Call(far, [], brief)["x"].GetAsync());
        Assert.Contains("the longest allowed is 40", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("template", """ "template": "nothing is written" """)]
    [InlineData("template", """ "template": "{{output:a}}{{output:a}}" """)]
    [InlineData("template", """ "template": "{{output:a}}", "parameters": [{"name": "b", "value": "x"}] """)]
    [InlineData("template", """ "template": "{{input:a}}{{output:b}}", "parameters": [{"name": "a", "variable": "v0"}] """)]
    [InlineData("template", """ "template": "{{input:a}}{{output:b}}", "parameters": [{"name": "a", "label": "x"}, {"name": "b", "label": "x"}] """)]
    [InlineData("template", """ "template": "{{input:a}}{{output:b}}", "parameters": [{"name": "a", "value": "x", "transform": "shout"}] """)]
    [InlineData("model", """ "template": "{{output:b}}", "model": "another" """)]
    [InlineData("sampling.temperature", """ "template": "{{output:b}}", "sampling": {"temperature": "hot"} """)]
    [InlineData("response_format", """ "template": "{{output:b}}", "sampling": {"response_format": {"type": "json_schema", "schema": {"$ref": "http://elsewhere"} } } """)]
    [InlineData("calls[1].template", """ "calls": [{"template": "{{output:b}}"}, {"template": 5}] """)]
    [InlineData("calls[0]", """ "calls": [{"template": "{{input:a}}"}] """)]
    public async Task A_call_that_cannot_be_is_refused_by_name(string field, string call)
    {
        string session = await OpenAsync();
        (int status, JsonElement json) = await server.PostAsync("/v1/semantic-calls", $$"""{"session": "{{session}}", {{call}} }""");
        Assert.Equal((400, field), (status, json.GetProperty("error").GetProperty("param").GetString()));
        (_, JsonElement closed) = await DeleteAsync($"/v1/sessions/{session}");
        Assert.True(closed.GetProperty("deleted").GetBoolean());
    }

    [Fact]
    public async Task What_is_closed_is_gone()
    {
        string session = await OpenAsync();
        JsonElement call = await AskAsync("/v1/semantic-calls", $$"""{"session": "{{session}}", "template": "{{Gap("input:never")}}{{Gap("output:x")}}"}""");
        Task<(int Status, JsonElement Json)> waiting = server.GetAsync($"/v1/semantic-variables/{Variable(call, "x")}?criterion=latency");
        Task<(int Status, JsonElement Json)> unknown = server.GetAsync("/v1/semantic-variables/v0?criterion=soon");
        Assert.Equal(404, (await unknown).Status);
        Assert.Equal(200, (await DeleteAsync($"/v1/sessions/{session}")).Status);
        Assert.Contains((await waiting).Status, (int[])[410, 404]);   // told while it waits, or come too late
        Assert.Equal(404, (await server.GetAsync($"/v1/sessions/{session}")).Status);
        Assert.Equal(404, (await server.PostAsync("/v1/semantic-calls", $$"""{"session": "{{session}}", "template": "{{Gap("output:x")}}"}""")).Status);
    }

    [Fact]
    public async Task Keys_do_not_see_one_another_s_sessions()
    {
        await using var guarded = new RunningServer(options => options.ApiKeys = ["ada", "bob"]);
        using HttpClient ada = Client(guarded, "ada"), bob = Client(guarded, "bob");
        using SemanticSession session = await new ParrotClient(ada).OpenSessionAsync();
        SemanticVariable x = session.Call(new("Once{{output:x}}"), [], new() { Generation = new() { MaxTokens = 2 } })["x"];
        Assert.NotNull(await x.GetAsync());
        foreach (string path in (string[])[$"/v1/sessions/{session.Id}"])
        {
            Assert.Equal(404, (int)(await bob.GetAsync(path)).StatusCode);
            Assert.Equal(200, (int)(await ada.GetAsync(path)).StatusCode);
        }
    }

    [Fact]
    public async Task A_session_holds_its_model_until_it_is_closed_or_forgotten()
    {
        var time = new HandClock();
        await using var own = new RunningServer(_ => { }, services => services.AddSingleton<TimeProvider>(time));
        SemanticRooms rooms = own.App.Services.GetRequiredService<Serving>().Rooms;
        using SemanticSession session = await new ParrotClient(own.Client).OpenSessionAsync();
        Assert.Equal(200, (await own.GetAsync($"/v1/sessions/{session.Id}")).Status);
        rooms.Sweep();
        Assert.Equal(200, (await own.GetAsync($"/v1/sessions/{session.Id}")).Status);
        time.Advance(TimeSpan.FromMinutes(11));
        rooms.Sweep();
        Assert.Equal(404, (await own.GetAsync($"/v1/sessions/{session.Id}")).Status);
    }

    private static HttpClient Client(RunningServer server, string key) =>
        new() { BaseAddress = server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    private static string Gap(string text) => $"{{{{{text}}}}}";

    private static string Variable(JsonElement call, string name) =>
        call.GetProperty("parameters").EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == name).GetProperty("variable").GetString()!;

    private async Task<string> OpenAsync() => (await AskAsync("/v1/sessions", """{"model": "stories"}""")).GetProperty("id").GetString()!;

    private async Task<JsonElement> AskAsync(string path, string json)
    {
        (int status, JsonElement answer) = await server.PostAsync(path, json);
        Assert.True(status == 200, answer.ToString());
        return answer;
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        (int status, JsonElement answer) = await server.GetAsync(path);
        Assert.True(status == 200, answer.ToString());
        return answer;
    }

    private async Task<(int Status, JsonElement Json)> DeleteAsync(string path)
    {
        using HttpResponseMessage response = await server.Client.DeleteAsync(path);
        return ((int)response.StatusCode, JsonElement.Parse(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync())));
    }
}
