using System.Text.Json;

namespace Thimble.Tests.Server;

public class CompletionsTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Texts_are_continued_each_as_often_as_asked()
    {
        (int _, JsonElement json) = await server.PostAsync(Path, """{"prompt": ["Once upon", "One day"], "n": 2, "max_tokens": 3, "temperature": 0, "echo": true}""");
        JsonElement[] choices = [.. json.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.All(choices[..2], choice => Assert.StartsWith("Once upon", choice.GetProperty("text").GetString(), StringComparison.Ordinal));
        Assert.All(choices[2..], choice => Assert.StartsWith("One day", choice.GetProperty("text").GetString(), StringComparison.Ordinal));
        Assert.Equal(12, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Tokens_are_a_prompt_too()
    {
        (int _, JsonElement tokens) = await server.PostAsync("/tokenize", """{"content": "Once upon a time", "add_special": true}""");
        (int _, JsonElement byText) = await server.PostAsync(Path, """{"prompt": "Once upon a time", "max_tokens": 6, "temperature": 0}""");
        (int _, JsonElement byTokens) = await server.PostAsync(Path, $$"""{"prompt": {{tokens.GetProperty("tokens")}}, "max_tokens": 6, "temperature": 0}""");
        Assert.Equal(Text(byText), Text(byTokens));
    }

    [Fact]
    public async Task Likelihoods_stand_side_by_side()
    {
        (int _, JsonElement json) = await server.PostAsync(Path, """{"prompt": "Once upon a", "max_tokens": 4, "temperature": 0, "logprobs": 3}""");
        JsonElement likely = json.GetProperty("choices")[0].GetProperty("logprobs");
        foreach (string list in (string[])["tokens", "token_logprobs", "top_logprobs", "text_offset"])
            Assert.Equal(4, likely.GetProperty(list).GetArrayLength());
        for (int i = 0; i < 4; i++)
        {
            double own = likely.GetProperty("token_logprobs")[i].GetDouble();
            Assert.InRange(own, -30, 0);
            Assert.Equal(own, likely.GetProperty("top_logprobs")[i].EnumerateObject().Max(other => other.Value.GetDouble()), 6);   // the likeliest was taken
        }
    }

    [Fact]
    public async Task Pieces_are_the_whole_text()
    {
        const string Ask = "\"prompt\": \"Once upon a time\", \"max_tokens\": 9, \"temperature\": 0";
        (int _, JsonElement whole) = await server.PostAsync(Path, $"{{{Ask}}}");
        List<(string? Name, string Text)> events = await server.EventsAsync(Path, $"{{{Ask}, \"stream\": true, \"stream_options\": {{\"include_usage\": true}}}}");
        JsonElement[] chunks = [.. events[..^1].Select(e => JsonElement.Parse(e.Text))];
        Assert.Equal(Text(whole), string.Concat(chunks[..^1].Select(Text)));
        Assert.Equal(9, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("best_of", """{"prompt": "a", "best_of": 3}""")]
    [InlineData("suffix", """{"prompt": "a", "suffix": "b"}""")]
    [InlineData("prompt", """{"prompt": []}""")]
    [InlineData("prompt[1]", """{"prompt": [1, -4]}""")]
    [InlineData("logprobs", """{"prompt": "a", "echo": true, "logprobs": 1}""")]
    [InlineData("grammar", """{"prompt": "a", "grammar": "root := nothing"}""")]
    [InlineData("response_format.type", """{"prompt": "a", "response_format": {"type": "poem"}}""")]
    public async Task What_cannot_be_done_is_refused_by_name(string field, string body)
    {
        (int status, JsonElement json) = await server.PostAsync(Path, body);
        Assert.Equal((400, field), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    private static string? Text(JsonElement json) => json.GetProperty("choices")[0].GetProperty("text").GetString();
}
