using System.Security.Cryptography;
using System.Text.Json;

namespace Thimble.Tests.Server;

public class OllamaTests(OllamaServer server) : IClassFixture<OllamaServer>
{
    private const string Greedy = """ "options": {"temperature": 0, "num_predict": 12} """;

    [Fact]
    public async Task A_text_is_streamed_in_lines()
    {
        (int status, JsonElement[] lines) = await server.PostAsync("/api/generate", $$"""{"model": "plain", "prompt": "Once upon a time", {{Greedy}} }""");
        Assert.Equal(200, status);
        Assert.All(lines[..^1], line => Assert.False(line.GetProperty("done").GetBoolean()));
        string text = string.Concat(lines.Select(line => line.GetProperty("response").GetString()));
        Assert.StartsWith(", there was a little girl named", text, StringComparison.Ordinal);
        JsonElement last = lines[^1];
        Assert.Equal(("length", 12), (last.GetProperty("done_reason").GetString(), last.GetProperty("eval_count").GetInt32()));
        Assert.True(last.GetProperty("total_duration").GetInt64() >= last.GetProperty("eval_duration").GetInt64());
        Assert.True(last.GetProperty("prompt_eval_duration").GetInt64() > 10_000, "Durations are nanoseconds.");
    }

    [Fact]
    public async Task A_whole_text_is_the_streamed_one()
    {
        (int _, JsonElement[] lines) = await server.PostAsync("/api/generate", $$"""{"model": "plain:latest", "prompt": "The dog", {{Greedy}} }""");
        JsonElement whole = await server.AskAsync("/api/generate", $$"""{"model": "plain", "prompt": "The dog", "stream": false, {{Greedy}} }""");
        Assert.Equal(string.Concat(lines.Select(line => line.GetProperty("response").GetString())), whole.GetProperty("response").GetString());
    }

    [Fact]
    public async Task A_context_goes_on_where_it_ended()
    {
        JsonElement first = await server.AskAsync("/api/generate", $$"""{"model": "plain", "prompt": "Once upon a time", "stream": false, {{Greedy}} }""");
        string context = first.GetProperty("context").GetRawText();
        JsonElement next = await server.AskAsync("/api/generate", $$"""{"model": "plain", "prompt": " Then", "context": {{context}}, "stream": false, {{Greedy}} }""");
        Assert.True(next.GetProperty("prompt_eval_count").GetInt32() > 12);
        Assert.False((await server.AskAsync("/api/generate", $$"""{"model": "plain", "prompt": "A", "raw": true, "stream": false, {{Greedy}} }""")).TryGetProperty("context", out _));
    }

    [Fact]
    public async Task A_chat_is_streamed_as_messages()
    {
        (int status, JsonElement[] lines) = await server.PostAsync("/api/chat", $$"""{"model": "tales", "messages": [{"role": "user", "content": "Tell me of a dog."}], {{Greedy}} }""");
        Assert.Equal(200, status);
        Assert.All(lines, line => Assert.Equal("assistant", line.GetProperty("message").GetProperty("role").GetString()));
        Assert.NotEmpty(string.Concat(lines.Select(line => line.GetProperty("message").GetProperty("content").GetString())));
        Assert.True(lines[^1].GetProperty("done").GetBoolean());
        Assert.Equal("tales", lines[^1].GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_format_is_kept()
    {
        JsonElement any = await server.AskAsync("/api/generate", """{"model": "plain", "prompt": "{", "stream": false, "format": {"enum": ["red", "green"]}, "options": {"temperature": 0}}""");
        Assert.Contains(any.GetProperty("response").GetString()!.Trim(), (string[])["\"red\"", "\"green\""]);
        JsonElement chat = await server.AskAsync("/api/chat", """{"model": "tales", "messages": [{"role": "user", "content": "x"}], "stream": false, "format": {"enum": ["red", "green"]}, "options": {"temperature": 0}}""");
        Assert.Contains(chat.GetProperty("message").GetProperty("content").GetString()!.Trim(), (string[])["\"red\"", "\"green\""]);
        Assert.Contains("'format'", await server.RefusalAsync("/api/generate", """{"model": "plain", "prompt": "x", "format": "xml"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_tokens()
    {
        JsonElement whole = await server.AskAsync("/api/generate", """{"model": "plain", "prompt": "Once", "stream": false, "logprobs": true, "top_logprobs": 2, "options": {"num_predict": 3, "temperature": 0}}""");
        JsonElement[] tokens = [.. whole.GetProperty("logprobs").EnumerateArray()];
        Assert.Equal(3, tokens.Length);
        Assert.All(tokens, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));
        Assert.Equal(tokens[0].GetProperty("token").GetString(), tokens[0].GetProperty("top_logprobs")[0].GetProperty("token").GetString());
    }

    [Theory]
    [InlineData("/api/chat", """{"model": "tales", "messages": [{"role": "user", "content": "x", "images": ["aGk="]}]}""", 400, "without a projector")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "images": ["aGk="]}""", 400, "without a projector")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "suffix": "y"}""", 400, "not trained to fill in")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "template": "y"}""", 400, "'template'")]
    [InlineData("/api/generate", """{"model": "nope", "prompt": "x"}""", 404, "There is no model 'nope'")]
    [InlineData("/api/generate", """{"prompt": "x"}""", 400, "'model' is missing")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "keep_alive": "soon"}""", 400, "such as 5m")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "options": {"temperature": "hot"}}""", 400, "'options.temperature'")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "one two three four", "options": {"num_ctx": 2}}""", 400, "'options.num_ctx' is 2")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "context": [99999999]}""", 400, "context[0]")]
    [InlineData("/api/chat", """{"model": "tales", "messages": [{"role": "user", "content": "x"}], "think": "deeply"}""", 400, "low, medium, high")]
    [InlineData("/api/generate", """{"model": "plain", "prompt": "x", "format": "xml"}""", 400, "'format'")]
    [InlineData("/api/pull", """{"model": "http://127.0.0.1/secret.gguf"}""", 400, "own network")]
    [InlineData("/api/push", """{"model": "tales"}""", 501, "pushes no models")]
    [InlineData("/api/create", """{"model": "new", "from": "tales", "quantize": "q4_K_M"}""", 400, "'quantize'")]
    [InlineData("/api/create", """{"model": "new", "from": "nope"}""", 404, "'nope'")]
    [InlineData("/api/create", """{"model": "../new", "from": "tales"}""", 400, "no name of a model")]
    [InlineData("/api/create", """{"model": "new", "modelfile": "FROM tales\nDANCE"}""", 400, "Line 2")]
    [InlineData("/api/copy", """{"source": "nope", "destination": "x"}""", 404, "'nope'")]
    public async Task What_is_wrong_is_refused_by_name(string path, string body, int status, string part) =>
        Assert.Contains(part, await server.RefusalAsync(path, body, status), StringComparison.Ordinal);

    [Fact]
    public async Task Models_are_listed_shown_and_counted()
    {
        JsonElement tags = await server.GetAsync("/api/tags");
        JsonElement tales = Assert.Single(tags.GetProperty("models").EnumerateArray(), model => model.GetProperty("name").GetString() == "tales:latest");
        Assert.Equal(("ple", "Q4_0", "5.1M"), (Detail(tales, "family"), Detail(tales, "quantization_level"), Detail(tales, "parameter_size")));
        JsonElement shown = await server.AskAsync("/api/show", """{"model": "tales:latest"}""");
        Assert.Contains("tools", shown.GetProperty("capabilities").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(512, shown.GetProperty("model_info").GetProperty("ple.context_length").GetInt32());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("model_info").GetProperty("tokenizer.ggml.tokens").ValueKind);
        Assert.Matches(@"^\d+\.\d+\.\d+$", (await server.GetAsync("/api/version")).GetProperty("version").GetString()!);
    }

    [Fact]
    public async Task A_model_is_opened_kept_and_closed()
    {
        JsonElement loaded = await server.AskAsync("/api/generate", """{"model": "plain", "keep_alive": "1h30m", "stream": false}""");
        Assert.Equal("load", loaded.GetProperty("done_reason").GetString());
        JsonElement open = Assert.Single((await server.GetAsync("/api/ps")).GetProperty("models").EnumerateArray(), model => model.GetProperty("name").GetString() == "plain:latest");
        Assert.InRange(open.GetProperty("expires_at").GetDateTimeOffset() - DateTimeOffset.Parse("2000-01-01", System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromDays(1), TimeSpan.FromDays(365_000));
        JsonElement closed = await server.AskAsync("/api/chat", """{"model": "plain", "messages": [], "keep_alive": 0, "stream": false}""");
        Assert.Equal("unload", closed.GetProperty("done_reason").GetString());
    }

    [Fact]
    public async Task A_model_is_made_of_another_and_remembers_its_instructions()
    {
        (int status, JsonElement[] lines) = await server.PostAsync("/api/create", """{"model": "pirate", "from": "tales", "system": "You are a pirate.", "parameters": {"temperature": 0, "stop": ["dog"], "num_predict": 5}}""");
        Assert.Equal((200, "success"), (status, lines[^1].GetProperty("status").GetString()));
        JsonElement shown = await server.AskAsync("/api/show", """{"model": "pirate"}""");
        Assert.Equal("You are a pirate.", shown.GetProperty("system").GetString());
        Assert.Contains("PARAMETER num_predict", shown.GetProperty("modelfile").GetString(), StringComparison.Ordinal);
        JsonElement said = await server.AskAsync("/api/chat", """{"model": "pirate", "messages": [{"role": "user", "content": "Hello"}], "stream": false}""");
        JsonElement told = await server.AskAsync("/api/chat", """{"model": "tales", "messages": [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": "Hello"}], "stream": false, "options": {"temperature": 0, "stop": ["dog"], "num_predict": 5}}""");
        Assert.Equal(told.GetProperty("message").ToString(), said.GetProperty("message").ToString());
        Assert.Equal(told.GetProperty("prompt_eval_count").GetInt32(), said.GetProperty("prompt_eval_count").GetInt32());
        Assert.Equal(200, (await server.PostAsync("/api/delete", """{"model": "pirate"}""", "DELETE")).Status);
        Assert.Contains("pirate", await server.RefusalAsync("/api/show", """{"model": "pirate"}""", 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_goes_and_the_user_s_own_file_stays()
    {
        Assert.Equal(200, (await server.PostAsync("/api/copy", """{"source": "tales", "destination": "copied"}""")).Status);
        Assert.Equal(200, (await server.PostAsync("/api/delete", """{"name": "copied"}""", "DELETE")).Status);
        (int status, JsonElement[] lines) = await server.PostAsync("/api/delete", """{"model": "tales"}""", "DELETE");
        Assert.Equal(400, status);
        Assert.Contains("of your own", lines[0].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sent_file_becomes_a_model()
    {
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(Golden.Root, "models", "tinystories.gguf"));
        string digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
        using var head = new HttpRequestMessage(HttpMethod.Head, $"/api/blobs/{digest}");
        Assert.Equal(404, (int)(await server.Client.SendAsync(head)).StatusCode);
        using var content = new ByteArrayContent(bytes);
        Assert.Equal(201, (int)(await server.Client.PostAsync($"/api/blobs/{digest}", content)).StatusCode);
        using var other = new ByteArrayContent([1, 2, 3]);
        Assert.Equal(400, (int)(await server.Client.PostAsync($"/api/blobs/{digest}", other)).StatusCode);
        Assert.Equal(200, (await server.PostAsync("/api/create", $$"""{"model": "sent", "files": {"x.gguf": "{{digest}}"} }""")).Status);
        JsonElement said = await server.AskAsync("/api/generate", $$"""{"model": "sent", "prompt": "Once upon a time", "stream": false, {{Greedy}} }""");
        Assert.StartsWith(", there was", said.GetProperty("response").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.PostAsync("/api/delete", """{"model": "sent"}""", "DELETE")).Status);
    }

    [Fact]
    public async Task A_pull_tells_its_progress()
    {
        (int status, JsonElement[] lines) = await server.PostAsync("/api/pull", """{"model": "hf.co/owner/repo"}""");
        Assert.Equal(200, status);
        string[] steps = [.. lines.Select(line => line.GetProperty("status").GetString()!)];
        Assert.Equal(("pulling manifest", "success"), (steps[0], steps[^1]));
        JsonElement last = lines.Last(line => line.TryGetProperty("total", out _));
        Assert.Equal((100_000, 100_000, $"sha256:{server.Hub.Digest}"), (last.GetProperty("completed").GetInt32(), last.GetProperty("total").GetInt32(), last.GetProperty("digest").GetString()));
        Assert.Equal("success", (await server.AskAsync("/api/pull", """{"name": "hf.co/owner/repo:Q4_K_M", "stream": false}""")).GetProperty("status").GetString());
        Assert.Equal(200, (await server.PostAsync("/api/delete", """{"model": "hf.co/owner/repo:Q4_K_M"}""", "DELETE")).Status);
    }

    [Fact]
    public async Task A_pull_that_fails_says_why()
    {
        (int _, JsonElement[] lines) = await server.PostAsync("/api/pull", """{"model": "hf.co/owner/other"}""");
        Assert.Contains("is not there (404)", lines[^1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("is not there (404)", await server.RefusalAsync("/api/pull", """{"model": "hf.co/owner/other", "stream": false}""", 404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_become_vectors()
    {
        JsonElement two = await server.AskAsync("/api/embed", """{"model": "plain", "input": ["a dog", "a cat"]}""");
        Assert.Equal(2, two.GetProperty("embeddings").GetArrayLength());
        JsonElement one = await server.AskAsync("/api/embeddings", """{"model": "plain", "prompt": "a dog"}""");
        Assert.Equal(two.GetProperty("embeddings")[0].ToString(), one.GetProperty("embedding").ToString());
        Assert.True(two.GetProperty("prompt_eval_count").GetInt32() >= 4);
    }

    private static string? Detail(JsonElement model, string name) => model.GetProperty("details").GetProperty(name).GetString();
}
