using System.Text.Json;
using Thimble.Models.Files;

namespace Thimble.Tests.Server;

/// <summary>What stands between a beginning and an end, with a model whose vocabulary has marks for it.</summary>
public sealed class InfillTests(FillingServer filling) : IClassFixture<FillingServer>
{
    private const string Greedy = "\"temperature\": 0, \"max_tokens\": 8, \"n_predict\": 8";

    [Theory]
    [InlineData("/infill", "\"input_prefix\": \"Once upon\", \"input_suffix\": \" happy.\"", "content")]
    [InlineData("/v1/completions", "\"prompt\": \"Once upon\", \"suffix\": \" happy.\"", "choices")]
    [InlineData("/api/generate", "\"model\": \"stories\", \"stream\": false, \"options\": {\"temperature\": 0, \"num_predict\": 8}, \"prompt\": \"Once upon\", \"suffix\": \" happy.\"", "response")]
    public async Task What_stands_between_is_asked_with_the_models_marks(string path, string ask, string answer)
    {
        int[] lead = (await TokensAsync("a", special: true))[..^(await TokensAsync("a")).Length];
        int[] tokens = [.. lead, FillingServer.Prefix, .. await TokensAsync("Once upon"), FillingServer.Suffix, .. await TokensAsync(" happy."), FillingServer.Middle];
        (_, JsonElement plain) = await filling.Server.PostAsync("/completion", $$"""{"prompt": [{{string.Join(',', tokens)}}], {{Greedy}} }""");
        (int status, JsonElement between) = await filling.Server.PostAsync(path, $$"""{ {{ask}}, {{Greedy}} }""");
        Assert.True(status == 200, between.ToString());
        JsonElement said = between.GetProperty(answer);
        string text = said.ValueKind == JsonValueKind.Array ? said[0].GetProperty("text").GetString()! : said.GetString()!;
        Assert.NotEqual("", text);
        Assert.Equal(plain.GetProperty("content").GetString(), text);
    }

    [Fact]
    public async Task Only_infill_leaves_out_what_does_not_fit()
    {
        string far = string.Join(' ', Enumerable.Repeat("a dog", 60));
        (int status, JsonElement json) = await filling.Server.PostAsync("/v1/completions", $$"""{"prompt": "{{far}}", "suffix": "b"}""");
        Assert.Equal((400, "context_length_exceeded"), (status, json.GetProperty("error").GetProperty("code").GetString()));
        (status, json) = await filling.Server.PostAsync("/infill", $$"""{"input_prefix": "{{far}}", "input_suffix": "b", {{Greedy}} }""");
        Assert.Equal(200, status);
        Assert.InRange(json.GetProperty("tokens_evaluated").GetInt32(), 40, 60);
    }

    private async Task<int[]> TokensAsync(string text, bool special = false)
    {
        (_, JsonElement json) = await filling.Server.PostAsync("/tokenize", JsonSerializer.Serialize(new { content = text, add_special = special }));
        return [.. json.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())];
    }
}

/// <summary>A server whose model has marks for filling in.</summary>
public sealed class FillingServer : IDisposable
{
    internal const int Prefix = 300, Suffix = 301, Middle = 302;

    internal RunningServer Server { get; } = new(options => options.MaxPromptTokens = 60, describe: Mark);

    public void Dispose() => Server.Dispose();

    private static void Mark(Metadata metadata)
    {
        foreach ((string name, int id) in ((string, int)[])[("pre", Prefix), ("suf", Suffix), ("mid", Middle)])
            metadata.Set($"tokenizer.ggml.fim_{name}_token_id", (long)id);
    }
}
