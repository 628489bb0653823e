using System.Text;
using System.Text.Json;
using Thimble.Models.Files;
using Thimble.Server;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;

namespace Thimble.Tests.Server;

/// <summary>Whatever goes wrong in one request, the others' answers are those of an undisturbed run, and the server goes on.</summary>
public sealed class NeighbourTests : IDisposable
{
    private const string Texts = "/v1/completions";

    private static readonly string[] s_asks = [.. Enumerable.Range(1, 4).Select(i =>
        $$"""{"prompt": "Once upon a time {{i}} cats", "max_tokens": 40, "temperature": 0.9, "seed": {{i}}, "ignore_eos": true}""")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_fault_in_one_request_is_that_request_s_alone()
    {
        using (ModelFile file = DefaultModel.Open())
            Damaging(file).Write(_folder["huge.gguf"]);
        await using var server = new RunningServer(options => options.Adapters = [new(_folder["huge.gguf"], 0)]);
        await AssertUndisturbedAsync(server, async () =>
        {
            for (int i = 0; i < 3; i++)
                Assert.Equal(500, (await server.PostAsync("/completion", """{"prompt": "The dog", "lora": [{"id": 0, "scale": 100}]}""")).Status);
        });
    }

    [Fact]
    public async Task A_full_cache_makes_requests_wait_and_changes_no_text()
    {
        string[] alone;
        await using (var large = new RunningServer())
            alone = await Task.WhenAll(s_asks.Select(ask => TextAsync(large, Long(ask))));
        await using var small = new RunningServer(options => options.Opening = new() { CacheTokens = 256 });
        Assert.Equal(alone, await Task.WhenAll(s_asks.Select(ask => TextAsync(small, Long(ask)))));
        (int status, JsonElement json) = await small.PostAsync(Texts, """{"prompt": "Once", "max_tokens": 400, "ignore_eos": true}""");
        Assert.Equal((503, "cache_full"), (status, json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(alone[0], await TextAsync(small, Long(s_asks[0])));

        static string Long(string ask) => ask.Replace("\"max_tokens\": 40", "\"max_tokens\": 120", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}""")]
    [InlineData("""{"type": "string", "pattern": "^((a{1000}){1000}){1000}$"}""")]
    [InlineData("""{"type": "array", "minItems": 1000000000, "items": {"type": "array", "minItems": 1000000000}}""")]
    [InlineData("""{"type": "string", "minLength": 2000000000}""")]
    [InlineData("ENUM"), InlineData("DEEP"), InlineData("WIDE")]
    public async Task A_schema_bomb_is_refused_or_answered_and_disturbs_nobody(string schema)
    {
        string bomb = schema switch
        {
            "ENUM" => $$"""{"enum": [{{string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"{i * 7919}\""))}}]}""",
            "DEEP" => string.Concat(Enumerable.Repeat("{\"properties\": {\"a\": ", 50)) + "{}" + string.Concat(Enumerable.Repeat("}}", 50)),
            "WIDE" => $$"""{"type": "object", "properties": {{{string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"p{i}\": {{\"type\": \"integer\"}}"))}}}, "additionalProperties": false}""",
            _ => schema,
        };
        await using var server = new RunningServer();
        await AssertUndisturbedAsync(server, async () =>
        {
            (int status, JsonElement json) = await server.PostAsync(
                "/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {{bomb}} } } }""");
            Assert.True(status is 200 or 400, json.ToString());
            Assert.True(status == 200 || json.GetProperty("error").GetProperty("param").GetString()!.StartsWith("response_format", StringComparison.Ordinal), json.ToString());
        });
    }

    [Fact]
    public async Task A_model_file_that_is_replaced_while_it_answers_ends_nothing()
    {
        await using var server = new RunningServer(options => File.Copy(options.Model!, options.Model = _folder["model.gguf"]));
        await AssertUndisturbedAsync(server, async () =>
        {
            for (int i = 0; i < 3; i++)
            {
                File.Copy(_folder["model.gguf"], _folder["new"]);
                File.SetLastWriteTimeUtc(_folder["new"], new DateTime(2026, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
                File.Move(_folder["new"], _folder["model.gguf"], overwrite: true);
                Assert.Equal(200, (await server.PostAsync(Texts, s_asks[0])).Status);
            }
        });
        File.WriteAllText(_folder["new"], "no model");
        File.Move(_folder["new"], _folder["model.gguf"], overwrite: true);
        (int status, JsonElement json) = await server.PostAsync(Texts, s_asks[0]);
        Assert.InRange(status, 400, 503);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task A_model_file_that_is_cut_short_ends_requests_and_not_the_server()
    {
        await using var server = new RunningServer(options =>
        {
            File.Copy(options.Model!, options.Model = _folder["model.gguf"]);
            options.Opening = new() { Packed = false };   // weights are read where the file has them
        });
        Assert.Equal(200, (await server.PostAsync(Texts, s_asks[0])).Status);
        using (FileStream file = new(_folder["model.gguf"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            file.SetLength(1000);
        (int status, JsonElement json) = await server.PostAsync(Texts, s_asks[0]);
        Assert.True(status is >= 400 and <= 503, json.ToString());
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task Clients_that_go_away_while_their_prompt_is_read_disturb_nobody()
    {
        await using var server = new RunningServer(options => options.Opening = new() { PrefillChunk = 16, MixedChunk = 16 });
        string prompt = string.Concat(Enumerable.Repeat("Once there was a big red ball. ", 50));
        await AssertUndisturbedAsync(server, async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                using var stop = new CancellationTokenSource();
                using var content = new StringContent($$"""{"prompt": "{{i}} {{prompt}}", "max_tokens": 1}""", Encoding.UTF8);
                Task<HttpResponseMessage> reading = server.Client.PostAsync(Texts, content, stop.Token);
                await Task.Yield();
                await stop.CancelAsync();
                await Record.ExceptionAsync(async () => (await reading).Dispose());
            }
        });
    }

    private static TinyAdapter Damaging(ModelFile file)
    {
        TinyAdapter adapter = new TinyAdapter(file).Change(3, "ffn_");
        foreach (StoredTensor tensor in file.Tensors.Where(tensor => tensor.Name.EndsWith("ffn_down.weight", StringComparison.Ordinal)))
            adapter.Add(tensor.Name + ".lora_b", [3, tensor.Shape[1]], scale: 1e37f);
        return adapter;
    }

    /// <summary>Asks for some texts alone, and again while something happens.</summary>
    private static async Task AssertUndisturbedAsync(RunningServer server, Func<Task> disturb)
    {
        List<string> alone = [];
        foreach (string ask in s_asks)
            alone.Add(await TextAsync(server, ask));
        Task<string>[] beside = [.. s_asks.Select(ask => TextAsync(server, ask))];
        await disturb();
        Assert.Equal(alone, await Task.WhenAll(beside));
        Assert.Equal(alone[0], await TextAsync(server, s_asks[0]));
    }

    private static async Task<string> TextAsync(RunningServer server, string ask)
    {
        (int status, JsonElement json) = await server.PostAsync(Texts, ask);
        Assert.True(status == 200, json.ToString());
        return json.GetProperty("choices")[0].GetProperty("text").GetString()!;
    }
}
