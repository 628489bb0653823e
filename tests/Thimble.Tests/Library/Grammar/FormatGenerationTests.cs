using System.Text.Json;
using Microsoft.Extensions.AI;
using Thimble.Lab.Training;
using Thimble.Tests.Models;

namespace Thimble.Tests.Library.Grammar;

/// <summary>Formats in whole generations: trained models, random ones, in batches and with drafts.</summary>
public sealed class FormatGenerationTests : IDisposable
{
    private const string Boolean = """{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}""";
    private const string Thinking = "{% for m in messages %}{{ m.content }}{% endfor %}{% if enable_thinking %}<think>{% endif %}";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("x")]
    [InlineData("Once upon a time")]
    public async Task A_greedy_model_without_a_limit_writes_json(string prompt)
    {
        using var model = Model.OpenDefault();
        Generation generation = model.Generate(prompt, new() { Format = OutputFormat.JsonSchema(Boolean), Sampling = SamplingOptions.Greedy });
        Check(await generation.TextAsync());
        Assert.Equal(FinishReason.EndOfText, generation.FinishReason);
        Assert.True(generation.Timings.GeneratedTokens < 60);
    }

    [Fact]
    public async Task A_greedy_model_of_bytes_writes_json()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"));
        Check(await model.Generate("x", new() { Format = OutputFormat.JsonSchema(Boolean), Sampling = SamplingOptions.Greedy }).TextAsync());
    }

    [Fact]
    public async Task A_model_whose_template_speaks_of_thought_it_has_no_token_for_writes_json()
    {
        using var model = Model.OpenDefault(new() { ChatTemplate = Thinking });
        using IChatClient client = model.AsChatClient();
        JsonElement schema = JsonSerializer.Deserialize<JsonElement>(Boolean);
        ChatResponse response = await client.GetResponseAsync("x", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), Temperature = 0 });
        Check(response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task A_text_cut_by_its_limit_says_so()
    {
        using var model = Model.OpenDefault();
        using IChatClient client = model.AsChatClient();
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.Json, MaxOutputTokens = 3, Temperature = 0 };
        Assert.Equal(ChatFinishReason.Length, (await client.GetResponseAsync("x", options)).FinishReason);
        using var small = Model.OpenDefault(new() { ContextLength = 16 });
        Generation full = small.Generate("x", new() { Format = OutputFormat.Regex("a{100,}"), Sampling = SamplingOptions.Greedy });
        Assert.DoesNotContain("b", await full.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(FinishReason.ContextFull, full.FinishReason);
    }

    [Fact]
    public async Task A_format_and_tools_in_one_request_are_both_kept()
    {
        using var model = Model.OpenDefault(new() { ChatTemplate = "{% if tools %}<tool_call>{% endif %}" + Thinking });
        using IChatClient client = model.AsChatClient();
        AITool tool = AIFunctionFactory.Create((bool loud) => loud, "ring");
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.Deserialize<JsonElement>(Boolean)), Tools = [tool], Temperature = 0 };
        ChatResponse response = await client.GetResponseAsync("x", options);
        FunctionCallContent[] calls = [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];
        if (calls.Length == 0)
            Check(response.Text);
        Assert.All(calls, call => Assert.IsType<JsonElement>(call.Arguments!["loud"]));
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData("gpt-2", "off", 1)]
    [InlineData("gpt-2", "lookup", 2)]
    [InlineData("llama-spm", "off", 3)]
    [InlineData("llama-spm", "lookup", 4)]
    public async Task Whatever_a_random_model_writes_is_valid(string vocabulary, string draft, int seed)
    {
        using Model model = Open(vocabulary, draft, seed);
        var random = new Random(seed);
        string[] schemas = [.. Enumerable.Range(0, 16).Select(_ => new RandomSchema(random).Whole().ToJsonString())];
        int ended = 0;
        foreach (string[] together in schemas.Chunk(8))
            ended += (await Task.WhenAll(together.Select((schema, i) => EndsValidAsync(model, schema, (ulong)i)))).Sum();
        Assert.True(ended >= 5, $"Only {ended} texts ended.");
    }

    public void Dispose() => _folder.Dispose();

    private static void Check(string text)
    {
        using var json = JsonDocument.Parse(text);
        Assert.Equal(["a"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Contains(json.RootElement.GetProperty("a").ValueKind, (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False]);
    }

    private static async Task<int> EndsValidAsync(Model model, string schema, ulong seed)
    {
        try
        {
            Generation generation = model.Generate("x", new() { Format = OutputFormat.JsonSchema(schema), MaxTokens = 300, Sampling = new() { Temperature = 1, Seed = seed } });
            string text = await generation.TextAsync();
            if (generation.FinishReason != FinishReason.EndOfText)
                return 0;
            using JsonDocument rules = JsonDocument.Parse(schema), value = JsonDocument.Parse(text);
            Assert.True(JsonJudge.IsValid(rules.RootElement, rules.RootElement, value.RootElement), $"{text}\ndoes not meet\n{schema}");
            return 1;
        }
        catch (Exception refusal) when (refusal is NotSupportedException || (refusal is ArgumentException && refusal.Message.StartsWith("No value", StringComparison.Ordinal)))
        {
            return 0;   // a schema that cannot be enforced, or that nothing meets
        }
    }

    /// <summary>A model of random numbers on a vocabulary.</summary>
    private Model Open(string vocabulary, string draft, int seed)
    {
        NewModelOptions options = new() { Tokenizer = Golden.Path($"ggml-vocab/ggml-vocab-{vocabulary}.gguf"), Layers = 1, Width = 16, Heads = 2, KeyHeads = 1, Wide = 32 };
        using var file = NewModel.Make(options, seed);
        using var model = new TrainedModel(file);
        model.Save(_folder["random.gguf"]);
        return Model.Open(_folder["random.gguf"], new() { Draft = draft });
    }
}
