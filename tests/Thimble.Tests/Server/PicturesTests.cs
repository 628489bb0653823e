using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Models.Files;
using Thimble.Server;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

/// <summary>Images in every API: seen by a model with a projector, refused by name without one.</summary>
public sealed class PicturesTests(SeeingServer seeing, RunningServer blind) : IClassFixture<SeeingServer>, IClassFixture<RunningServer>
{
    private static readonly string s_one = Convert.ToBase64String(File.ReadAllBytes(Golden.Path("vision/50x37.png")));
    private static readonly string s_other = Convert.ToBase64String(File.ReadAllBytes(Golden.Path("vision/13x40.png")));

    public static TheoryData<string, string, string> Apis => new()
    {
        { "/v1/chat/completions", """{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,IMAGE"}}, {"type": "text", "text": "what"}]}], "max_tokens": 6, "temperature": 0}""", "usage.prompt_tokens" },
        { "/v1/responses", """{"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,IMAGE"}, {"type": "input_text", "text": "what"}]}], "max_output_tokens": 6, "temperature": 0}""", "usage.input_tokens" },
        { "/v1/messages", """{"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "IMAGE"}}, {"type": "text", "text": "what"}]}], "max_tokens": 6, "temperature": 0}""", "usage.input_tokens" },
        { "/api/chat", """{"model": "seer", "messages": [{"role": "user", "content": "what", "images": ["IMAGE"]}], "stream": false, "options": {"num_predict": 6, "temperature": 0}}""", "prompt_eval_count" },
        { "/api/generate", """{"model": "seer", "prompt": "what", "images": ["IMAGE"], "stream": false, "options": {"num_predict": 6, "temperature": 0}}""", "prompt_eval_count" },
        { "/completion", """{"prompt": {"prompt_string": "USER: <__media__> what", "multimodal_data": ["IMAGE"]}, "n_predict": 6, "temperature": 0}""", "tokens_evaluated" },
    };

    [Theory, MemberData(nameof(Apis))]
    public async Task An_answer_depends_on_the_image(string path, string body, string counted)
    {
        (int status, JsonElement one) = await seeing.Server.PostAsync(path, body.Replace("IMAGE", s_one, StringComparison.Ordinal));
        Assert.True(status == 200, one.ToString());
        (_, JsonElement again) = await seeing.Server.PostAsync(path, body.Replace("IMAGE", s_one, StringComparison.Ordinal));
        (_, JsonElement other) = await seeing.Server.PostAsync(path, body.Replace("IMAGE", s_other, StringComparison.Ordinal));
        Assert.Equal(Said(one), Said(again));
        Assert.NotEqual(Said(one), Said(other));
        JsonElement tokens = counted.Split('.').Aggregate(one, static (json, name) => json.GetProperty(name));
        Assert.True(tokens.GetInt32() > 6, "An image is more than its mark.");
    }

    [Theory, MemberData(nameof(Apis))]
    public async Task A_model_without_a_projector_says_so(string path, string body, string counted)
    {
        (int status, JsonElement json) = await blind.PostAsync(path, body.Replace("IMAGE", s_one, StringComparison.Ordinal).Replace("\"seer\"", "\"stories\"", StringComparison.Ordinal));
        Assert.Equal(400, status);
        Assert.Contains("--mmproj", json.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(counted);
    }

    [Theory]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}""")]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}""")]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url", "image_url": {"url": "data:text/html;base64,aGk="}}""")]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%%"}}""")]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url", "image_url": {"url": "data:image/png,raw"}}""")]
    [InlineData("messages[0].content[0].image_url.url", """{"type": "image_url"}""")]
    [InlineData("messages[0].content[0].type", """{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}""")]
    [InlineData("messages", """{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}""")]
    public async Task What_is_no_image_is_refused_by_name(string field, string part)
    {
        (int status, JsonElement json) = await seeing.Server.PostAsync("/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": [{{part}}]}]}""");
        Assert.Equal((400, field), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("/v1/messages", """{"max_tokens": 2, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://example.org/x.png"}}]}]}""", "fetches nothing")]
    [InlineData("/api/chat", """{"model": "seer", "messages": [{"role": "user", "content": "x", "images": ["%%"]}]}""", "no image in base64")]
    [InlineData("/completion", """{"prompt": {"prompt_string": "no mark", "multimodal_data": ["aGk="]}}""", "marks")]
    [InlineData("/v1/responses", """{"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}""", "keeps none")]
    public async Task Other_apis_refuse_it_likewise(string path, string body, string said)
    {
        (int status, JsonElement json) = await seeing.Server.PostAsync(path, body);
        Assert.Equal(400, status);
        Assert.Contains(said, json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_images_are_refused_before_any_is_looked_at()
    {
        string images = string.Join(',', Enumerable.Repeat($$"""{"type": "image_url", "image_url": {"url": "data:image/png;base64,{{s_one}}"} }""", 17));
        (int status, JsonElement json) = await seeing.Server.PostAsync("/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": [{{images}}]}]}""");
        Assert.Equal(400, status);
        Assert.Contains("at most 16", json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_tell_whether_they_see()
    {
        Assert.True((await seeing.Server.GetAsync("/v1/models")).Json.GetProperty("data")[0].GetProperty("meta").GetProperty("vision").GetBoolean());
        Assert.True((await seeing.Server.GetAsync("/props")).Json.GetProperty("modalities").GetProperty("vision").GetBoolean());
        Assert.Contains("\"vision\"", (await seeing.Server.PostAsync("/api/show", """{"model": "seer"}""")).Json.GetProperty("capabilities").ToString(), StringComparison.Ordinal);
        Assert.False((await blind.GetAsync("/v1/models")).Json.GetProperty("data")[0].GetProperty("meta").GetProperty("vision").GetBoolean());
    }

    private static string Said(JsonElement json) => (
        json.TryGetProperty("choices", out JsonElement choices) ? choices[0].GetProperty("message").GetProperty("content")
        : json.TryGetProperty("output", out JsonElement output) ? output[0].GetProperty("content")[0].GetProperty("text")
        : json.TryGetProperty("message", out JsonElement message) ? message.GetProperty("content")
        : json.TryGetProperty("response", out JsonElement response) ? response
        : json.GetProperty("content")).ToString();
}

/// <summary>A server with a tiny model that sees.</summary>
public sealed class SeeingServer : IDisposable
{
    internal RunningServer Server { get; } = new(Serve);

    internal static void Serve(ServerOptions options)
    {
        options.Model = Golden.Path("vision/llama.gguf");
        options.Alias = "seer";
        options.Opening = new() { Threads = 1, ContextLength = 256, Projector = Golden.Path("vision/mmproj-llava.gguf") };
    }

    public void Dispose() => Server.Dispose();
}
