using System.Text.Json;

namespace Thimble.Tests.Server;

public class LlamaServerTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Text_goes_to_tokens_and_back()
    {
        (int _, JsonElement there) = await server.PostAsync("/tokenize", """{"content": "Once upon a time", "with_pieces": true}""");
        JsonElement[] tokens = [.. there.GetProperty("tokens").EnumerateArray()];
        string ids = string.Join(',', tokens.Select(token => token.GetProperty("id").GetInt32()));
        (int _, JsonElement back) = await server.PostAsync("/detokenize", $$"""{"tokens": [{{ids}}]}""");
        Assert.Equal("Once upon a time", back.GetProperty("content").GetString()!.Trim());
        (int status, JsonElement wrong) = await server.PostAsync("/detokenize", """{"tokens": [99999999]}""");
        Assert.Equal((400, "tokens[0]"), (status, wrong.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task A_completion_tells_why_it_ended_and_how_fast_it_was()
    {
        (int _, JsonElement json) = await server.PostAsync("/completion", """{"prompt": "Once upon a time", "n_predict": 5, "temperature": 0, "return_tokens": true, "n_probs": 2}""");
        Assert.Equal("limit", json.GetProperty("stop_type").GetString());
        Assert.Equal(5, json.GetProperty("tokens").GetArrayLength());
        Assert.Equal(5, json.GetProperty("timings").GetProperty("predicted_n").GetInt32());
        Assert.Equal(5, json.GetProperty("completion_probabilities").GetArrayLength());
        List<(string? Name, string Text)> events = await server.EventsAsync("/completion", """{"prompt": "Once upon a time", "n_predict": 5, "temperature": 0, "stream": true}""");
        Assert.Equal(json.GetProperty("content").GetString(), string.Concat(events.Select(e => JsonElement.Parse(e.Text).GetProperty("content").GetString())));
        Assert.True(JsonElement.Parse(events[^1].Text).GetProperty("stop").GetBoolean());
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "/v1/nothing")]
    [InlineData("POST", "/api/nothing", 404, "/api/nothing")]
    [InlineData("POST", "/v1/messages/nothing", 404, "not_found_error")]
    [InlineData("GET", "/v1/chat/completions", 405, "takes POST")]
    [InlineData("HEAD", "/", 200, "")]
    [InlineData("HEAD", "/api/version", 200, "")]
    [InlineData("GET", "/api/tags", 200, "stories:latest")]
    public async Task Whatever_is_asked_is_answered_in_its_api_s_shape(string method, string path, int status, string said)
    {
        using var request = new HttpRequestMessage(new(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(said, body, StringComparison.Ordinal);
        Assert.Equal(status >= 400, body.Contains("error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Properties_tell_the_context_and_the_template_but_no_path()
    {
        (int _, JsonElement json) = await server.GetAsync("/props");
        Assert.True(json.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32() > 0);
        Assert.Equal(RunningServer.Template, json.GetProperty("chat_template").GetString());
        Assert.Equal("stories.gguf", json.GetProperty("model_path").GetString());
    }

    [Theory]
    [InlineData("/infill", """{"input_prefix": "a", "input_suffix": "b"}""", "not trained to fill in")]
    [InlineData("/rerank", """{"query": "a", "documents": ["b"]}""", "")]
    [InlineData("/slots/0?action=save", """{"filename": "a.bin"}""", "--slot-save-path")]
    [InlineData("/slots/0?action=dance", """{}""", "expected save, restore or erase")]
    [InlineData("/lora-adapters", """[{"id": 0, "scale": 1}]""", "none is served")]
    public async Task What_this_model_cannot_do_is_said(string path, string body, string said)
    {
        (int status, JsonElement json) = await server.PostAsync(path, body);
        Assert.InRange(status, 400, 501);
        Assert.Contains(said, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
