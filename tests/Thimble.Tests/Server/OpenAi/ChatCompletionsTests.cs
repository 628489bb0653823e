using System.Text.Json;

namespace Thimble.Tests.Server;

public class ChatCompletionsTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "/v1/chat/completions";

    [Fact]
    public async Task An_answer_has_text_usage_and_a_reason_that_clients_know()
    {
        (int status, JsonElement json) = await server.PostAsync(Path, Ask("\"max_tokens\": 8, \"temperature\": 0"));
        Assert.Equal(200, status);
        JsonElement choice = json.GetProperty("choices")[0], usage = json.GetProperty("usage");
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.NotEqual("", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(8, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32() + 8);
    }

    [Fact]
    public async Task Chunks_are_the_whole_answer()
    {
        const string Options = "\"max_tokens\": 12, \"temperature\": 0";
        (int _, JsonElement whole) = await server.PostAsync(Path, Ask(Options));
        List<(string? Name, string Text)> events = await server.EventsAsync(Path, Ask(Options + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}"));
        Assert.Equal("[DONE]", events[^1].Text);
        JsonElement[] chunks = [.. events[..^1].Select(e => JsonElement.Parse(e.Text))];
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.Equal(Text(whole), string.Concat(chunks[..^1].Select(chunk => Delta(chunk).TryGetProperty("content", out JsonElement text) ? text.GetString() : "")));
        Assert.Equal("length", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(12, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Several_choices_differ_and_come_again_by_their_seed()
    {
        string ask = Ask("\"max_tokens\": 12, \"temperature\": 1.5, \"seed\": 5, \"n\": 3");
        (int _, JsonElement first) = await server.PostAsync(Path, ask);
        (int _, JsonElement second) = await server.PostAsync(Path, ask);
        string?[] texts = [.. first.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString())];
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(texts, second.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()));
    }

    [Theory]
    [InlineData("messages", """{}""")]
    [InlineData("messages[0].content", """{"messages": [{"role": "user", "content": 5}]}""")]
    [InlineData("messages[1].role", """{"messages": [{"role": "user", "content": "a"}, {"content": "b"}]}""")]
    [InlineData("messages[0].content[0].type", """{"messages": [{"role": "user", "content": [{"type": "smell"}]}]}""")]
    [InlineData("temperature", """{"messages": [{"role": "user", "content": "a"}], "temperature": -1}""")]
    [InlineData("n", """{"messages": [{"role": "user", "content": "a"}], "n": 0}""")]
    [InlineData("max_tokens", """{"messages": [{"role": "user", "content": "a"}], "max_tokens": "many"}""")]
    [InlineData("tool_choice", """{"messages": [{"role": "user", "content": "a"}], "tool_choice": "required"}""")]
    [InlineData("tools[0].function.name", """{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function", "function": {}}]}""")]
    [InlineData("logit_bias.x", """{"messages": [{"role": "user", "content": "a"}], "logit_bias": {"x": 1}}""")]
    public async Task A_wrong_field_is_named(string field, string body)
    {
        (int status, JsonElement json) = await server.PostAsync(Path, body);
        Assert.Equal(400, status);
        JsonElement error = json.GetProperty("error");
        Assert.Equal((field, "invalid_request_error"), (error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));
        Assert.Contains(field.Split('[', '.')[0], error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_fields_are_ignored()
    {
        (int status, JsonElement _) = await server.PostAsync(Path, Ask("\"max_tokens\": 1, \"mood\": {\"deep\": [1, 2]}, \"store\": true"));
        Assert.Equal(200, status);
    }

    private static string Ask(string options) => $$"""{"model": "stories", "messages": [{"role": "user", "content": "Once upon a time"}], {{options}}}""";

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");

    private static string? Text(JsonElement whole) => whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
}
