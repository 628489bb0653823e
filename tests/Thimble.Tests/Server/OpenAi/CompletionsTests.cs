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
    [InlineData("best_of", """{"prompt": "a", "best_of": 3, "stream": true}""")]
    [InlineData("best_of", """{"prompt": "a", "best_of": 2, "n": 3}""")]
    [InlineData("prompt", """{"prompt": ["a", "b"], "suffix": "c"}""")]
    [InlineData("suffix", """{"prompt": "a", "suffix": "b"}""")]
    [InlineData("prompt", """{"prompt": []}""")]
    [InlineData("prompt[1]", """{"prompt": [1, -4]}""")]
    [InlineData("logprobs", """{"prompt": "a", "logprobs": 21}""")]
    [InlineData("grammar", """{"prompt": "a", "grammar": "root := nothing"}""")]
    [InlineData("response_format.type", """{"prompt": "a", "response_format": {"type": "poem"}}""")]
    public async Task What_cannot_be_done_is_refused_by_name(string field, string body)
    {
        (int status, JsonElement json) = await server.PostAsync(Path, body);
        Assert.Equal((400, field), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task An_echoed_prompt_has_the_likelihoods_that_writing_it_had()
    {
        const string Greedy = "\"temperature\": 0, \"logprobs\": 2, \"echo\": true";
        (int _, JsonElement whole) = await server.PostAsync(Path, $$"""{"prompt": "Once upon a time", "max_tokens": 12, {{Greedy}} }""");
        string text = Text(whole)!;
        (int _, JsonElement again) = await server.PostAsync(Path, $$"""{"prompt": {{JsonSerializer.Serialize(text)}}, "max_tokens": 0, {{Greedy}} }""");
        JsonElement one = whole.GetProperty("choices")[0].GetProperty("logprobs"), two = again.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(text, Text(again));
        Assert.Equal(one.GetProperty("tokens").ToString(), two.GetProperty("tokens").ToString());
        Assert.Equal(one.GetProperty("token_logprobs").ToString(), two.GetProperty("token_logprobs").ToString());
        Assert.Equal(one.GetProperty("top_logprobs").ToString(), two.GetProperty("top_logprobs").ToString());
        Assert.Equal(one.GetProperty("text_offset").ToString(), two.GetProperty("text_offset").ToString());
        Assert.Equal(JsonValueKind.Null, one.GetProperty("token_logprobs")[0].ValueKind);
    }

    [Fact]
    public async Task The_likeliest_of_several_is_given()
    {
        const string Wild = "\"temperature\": 1.5, \"seed\": 3, \"max_tokens\": 6, \"logprobs\": 0";
        (int _, JsonElement all) = await server.PostAsync(Path, $$"""{"prompt": "Once", "n": 4, {{Wild}} }""");
        (int _, JsonElement best) = await server.PostAsync(Path, $$"""{"prompt": "Once", "best_of": 4, {{Wild}} }""");
        JsonElement only = Assert.Single(best.GetProperty("choices").EnumerateArray());
        JsonElement likeliest = all.GetProperty("choices").EnumerateArray().MaxBy(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(value => value.GetDouble()));
        Assert.Equal(likeliest.GetProperty("text").GetString(), only.GetProperty("text").GetString());
        Assert.Equal(24, best.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Biases_stops_and_seeds_count()
    {
        (int _, JsonElement plain) = await server.PostAsync(Path, """{"prompt": "Once upon a time", "max_tokens": 4, "temperature": 0, "logprobs": 0, "return_tokens": true}""");
        string first = plain.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("tokens")[0].GetString()!;
        (int _, JsonElement id) = await server.PostAsync("/tokenize", $$"""{"content": "{{first}}"}""");
        (int _, JsonElement barred) = await server.PostAsync(Path, $$"""{"prompt": "Once upon a time", "max_tokens": 4, "temperature": 0, "logit_bias": {"{{id.GetProperty("tokens").EnumerateArray().Last()}}": -100} }""");
        Assert.NotEqual(Text(plain), Text(barred));
        (int _, JsonElement stopped) = await server.PostAsync(Path, """{"prompt": "Once upon a time", "max_tokens": 30, "temperature": 0, "stop": [" little"]}""");
        Assert.DoesNotContain("little", Text(stopped), StringComparison.Ordinal);
        Assert.Equal("stop", stopped.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        (int _, JsonElement one) = await server.PostAsync(Path, """{"prompt": "Once", "max_tokens": 8, "temperature": 2, "seed": 9}""");
        (int _, JsonElement two) = await server.PostAsync(Path, """{"prompt": "Once", "max_tokens": 8, "temperature": 2, "seed": 9}""");
        Assert.Equal(Text(one), Text(two));
    }

    private static string? Text(JsonElement json) => json.GetProperty("choices")[0].GetProperty("text").GetString();
}
