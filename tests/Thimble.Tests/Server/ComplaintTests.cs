using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Library;
using Thimble.Models.Files;
using Thimble.Server;
using Thimble.Server.Hosting;
using Thimble.Server.Http;
using Thimble.Tests.Models;
using Thimble.Tests.Models.Adapters;
using Thimble.Tests.Shape;

namespace Thimble.Tests.Server;

/// <summary>What users of other servers complain of most, by the numbers that <c>docs/serve.md</c> gives: each of the fifteen holds here.</summary>
public class ComplaintTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Chat = "/v1/chat/completions", Texts = "/v1/completions";

    [Fact]
    public void Each_of_the_fifteen_has_a_test_of_its_number()
    {
        string[] names = [.. typeof(ComplaintTests).GetMethods().Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => method.Name)];
        for (int i = 1; i <= 15; i++)
            Assert.Contains(names, name => name.StartsWith($"Complaint_{i}_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Complaint_1_a_prompt_is_never_cut_silently()
    {
        string messages = string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $$"""{"role": "user", "content": "Tell me of the dog, part {{i}}."}, {"role": "assistant", "content": "It ran on and on in the park."}"""));
        messages += """, {"role": "user", "content": "And now?"}""";
        (int status, JsonElement json) = await server.PostAsync(Chat, $$"""{"messages": [{{messages}}], "max_tokens": 2}""");
        JsonElement error = json.GetProperty("error");
        Assert.Equal((400, "context_length_exceeded"), (status, error.GetProperty("code").GetString()));
        Assert.True(error.GetProperty("n_prompt_tokens").GetInt32() > error.GetProperty("n_ctx").GetInt32());
        (status, json) = await server.PostAsync(Chat, $$"""{"messages": [{{messages}}], "max_tokens": 2, "truncation": "auto"}""");
        Assert.Equal(200, status);
        Assert.True(json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() < error.GetProperty("n_ctx").GetInt32());
    }

    [Fact]
    public async Task Complaint_2_every_chunk_has_the_shape_that_strict_clients_want()
    {
        List<(string? Name, string Text)> events = await server.EventsAsync(Chat, Ask("\"max_tokens\": 3, \"ignore_eos\": true, \"stream\": true, \"stream_options\": {\"include_usage\": true}"));
        Assert.Equal("[DONE]", events[^1].Text);
        JsonElement[] chunks = [.. events[..^1].Select(e => JsonElement.Parse(e.Text))];
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
        string?[] reasons = [.. chunks[..^1].Select(chunk => chunk.GetProperty("choices")[0].GetProperty("finish_reason").GetString())];
        Assert.Equal("length", reasons[^1]);
        Assert.All(reasons[..^1], Assert.Null);
        Assert.Equal((0, 3), (chunks[^1].GetProperty("choices").GetArrayLength(), chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        (int _, JsonElement whole) = await server.PostAsync(Chat, Ask("\"max_tokens\": 3"));
        Assert.Contains(whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), (string[])["stop", "length", "tool_calls", "content_filter"]);
    }

    [Fact]
    public async Task Complaint_3_tool_calls_stream_in_parallel_and_are_enforced()
    {
        const string call = """<tool_call>{\\\"name\\\": \\\"look\\\", \\\"arguments\\\": {\\\"at\\\": \\\"it\\\"}}</tool_call>""";
        const string tools = """ "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"enum": ["it"]}}, "required": ["at"], "additionalProperties": false}}}]""";
        List<(string? Name, string Text)> events = await server.EventsAsync(Chat, Ask($"{tools}, \"stream\": true, \"grammar\": \"root ::= \\\"{call}{call}\\\"\""));
        JsonElement[] calls = [.. events[..^1].Select(e => JsonElement.Parse(e.Text).GetProperty("choices")[0].GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("tool_calls", out _)).SelectMany(delta => delta.GetProperty("tool_calls").EnumerateArray())];
        Assert.Equal([0, 1], calls.Select(one => one.GetProperty("index").GetInt32()).Distinct());
        (int _, JsonElement json) = await server.PostAsync(Chat, Ask($"{tools}, \"tool_choice\": \"required\", \"reasoning_effort\": \"none\", \"parallel_tool_calls\": false, \"max_tokens\": 200"));
        JsonElement choice = json.GetProperty("choices")[0];
        string arguments = choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString()!;
        Assert.Equal("it", JsonElement.Parse(arguments).GetProperty("at").GetString());
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Complaint_4_a_format_is_kept_or_refused()
    {
        (int _, JsonElement json) = await server.PostAsync(Texts, """{"prompt": "Say:", "max_tokens": 50, "response_format": {"type": "regex", "pattern": "[0-9]{3}-[a-f]{2}"}}""");
        Assert.Matches("^[0-9]{3}-[a-f]{2}$", json.GetProperty("choices")[0].GetProperty("text").GetString());
        (int status, json) = await server.PostAsync(Texts, """{"prompt": "Say:", "response_format": {"type": "regex", "pattern": "(a)\\1"}}""");
        Assert.Equal((400, "response_format.pattern"), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Complaint_5_who_goes_away_is_no_longer_computed_for()
    {
        await using var own = new RunningServer();
        var serving = own.App.Services.GetRequiredService<Serving>();
        using var stop = new CancellationTokenSource();
        using var content = new StringContent("""{"prompt": "Once", "ignore_eos": true, "max_tokens": 100000, "n": 16}""");
        Task<HttpResponseMessage> whole = own.Client.PostAsync(Texts, content, stop.Token);
        while (serving.Admission.Running == 0 && !whole.IsCompleted)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => whole);
        while (serving.Admission.Running > 0)
            await Task.Yield();
    }

    [Fact]
    public async Task Complaint_6_what_was_read_is_kept_over_conversations_and_restarts()
    {
        using var folder = new TemporaryFolder();
        string[] stories = [.. ((string[])["dog", "cat"]).Select(animal => string.Concat(Enumerable.Repeat($"A {animal} had a big red ball and went out to play. ", 8)))];
        await using (var first = new RunningServer(options => options.SlotFolder = folder.Path))
        {
            for (int i = 0; i < stories.Length; i++)
                Assert.Equal(0, await CachedAsync(first, stories[i] + "It", $"\"id_slot\": {i}"));
            // The second conversation has not driven the first one out.
            Assert.All(await Task.WhenAll(stories.Select(story => CachedAsync(first, story + "Then"))), cached => Assert.InRange(cached, 64, 512));
            Assert.Equal(200, (await first.PostAsync("/slots/1?action=save", """{"filename": "cat"}""")).Status);
        }

        await using var second = new RunningServer(options => options.SlotFolder = folder.Path);
        Assert.Equal(200, (await second.PostAsync("/slots/1?action=restore", """{"filename": "cat"}""")).Status);
        Assert.InRange(await CachedAsync(second, stories[1] + "Then"), 64, 512);
        Assert.Equal(0, await CachedAsync(second, stories[0] + "Then"));
    }

    [Fact]
    public async Task Complaint_7_models_come_and_go_and_no_running_answer_is_cut()
    {
        using TemporaryFolder folder = Stories("a.gguf", "b.gguf");
        await using var own = new RunningServer(options => (options.Model, options.Alias, options.Folder, options.MaxModels, options.OpenAtStart) = (null, null, folder.Path, 1, false));
        Task<(int Status, JsonElement Json)> running = own.PostAsync("/api/generate", """{"model": "a", "prompt": "Once", "stream": false, "options": {"num_predict": 200}}""");
        var host = own.App.Services.GetRequiredService<ModelHost>();
        while (!host.Loaded().Any(model => model.IsOpen) && !running.IsCompleted)
            await Task.Yield();
        (int status, JsonElement other) = await own.PostAsync("/api/generate", """{"model": "b", "prompt": "Once", "stream": false, "options": {"num_predict": 2}}""");
        Assert.Equal((200, 2), (status, other.GetProperty("eval_count").GetInt32()));
        (status, JsonElement json) = await running;
        Assert.Equal((200, true), (status, json.GetProperty("done").GetBoolean()));
        Assert.Equal("b:latest", Assert.Single((await own.GetAsync("/api/ps")).Json.GetProperty("models").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(200, (await own.PostAsync("/api/generate", """{"model": "b", "keep_alive": 0}""")).Status);
        while (host.Loaded().Count > 0)
            await Task.Yield();
    }

    [Fact]
    public async Task Complaint_8_reasoning_comes_apart_and_is_switched_in_each_request()
    {
        (int _, JsonElement json) = await server.PostAsync(Chat, Ask("\"grammar\": \"root ::= \\\"<think>So.</think>Yes.\\\"\""));
        JsonElement message = json.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(("So.", "Yes."), (message.GetProperty("reasoning_content").GetString(), message.GetProperty("content").GetString()));
        Assert.True(await ThinksAsync("high"));
        Assert.False(await ThinksAsync("none"));
        (int status, json) = await server.PostAsync(Chat, Ask("\"reasoning_effort\": \"sideways\""));
        Assert.Equal((400, "reasoning_effort"), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Complaint_9_own_files_run_in_place_and_nothing_is_fetched()
    {
        using TemporaryFolder folder = Stories("a.gguf");
        await using var own = new RunningServer(
            options => (options.Model, options.Alias, options.Folder, options.OpenAtStart) = (null, null, folder.Path, false),
            services => services.AddSingleton(new HubOptions { Offline = true, Registry = new("http://127.0.0.1:1"), HuggingFace = new("http://127.0.0.1:1") }));
        Assert.Equal(200, (await own.PostAsync(Texts, """{"model": "a", "prompt": "Once", "max_tokens": 1}""")).Status);
        File.Copy(folder["a.gguf"], folder["added.gguf"]);
        Assert.Equal(200, (await own.PostAsync(Texts, """{"model": "added", "prompt": "Once", "max_tokens": 1}""")).Status);
        Assert.Equal(["a.gguf", "added.gguf"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        using var pull = new StringContent("""{"model": "tales", "stream": false}""");
        using HttpResponseMessage refused = await own.Client.PostAsync("/api/pull", pull);
        Assert.Contains("OFFLINE", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complaint_10_no_native_library_is_needed_and_what_is_unknown_is_named()
    {
        string?[] called = [.. Rungs.Assemblies.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods((BindingFlags)(-1)))
            .Select(method => method.GetCustomAttribute<DllImportAttribute>()?.Value).Distinct()];
        Assert.Equal((string?[])[null, "libc"], called.Order());   // the system's own, and no other
        using var folder = new TemporaryFolder();
        using (ModelFile file = DefaultModel.Open())
        {
            file.Metadata.Set("general.architecture", "mamba99");
            GgufWriter.Write(folder["odd.gguf"], file.Metadata, [.. file.Tensors.Select(tensor => TensorSource.Copy(tensor))]);
        }

        await using var own = new RunningServer(options => (options.Model, options.OpenAtStart) = (folder["odd.gguf"], false));
        (int status, JsonElement json) = await own.PostAsync(Texts, """{"prompt": "Once"}""");
        Assert.Equal(400, status);
        Assert.Matches("'mamba99'.*known: .*qwen3", json.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Complaint_11_requests_run_beside_one_another_and_divide_no_context()
    {
        using var stop = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Texts) { Content = new StringContent("""{"prompt": "Once", "max_tokens": 450, "ignore_eos": true, "stream": true}""") };
        using HttpResponseMessage running = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await running.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[16]);
        // Answered while the other, which nobody reads, is not at its end.
        Assert.NotNull(await TextAsync("""{"prompt": "The dog", "max_tokens": 2}"""));
        (int _, JsonElement properties) = await server.GetAsync("/props");
        Assert.Equal(512, properties.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32());
        (int status, JsonElement json) = await server.PostAsync(Texts, """{"prompt": "Once", "max_tokens": 500, "ignore_eos": true}""");
        Assert.Equal((200, 500), (status, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task Complaint_12_a_server_that_is_closed_leaves_nothing_behind()
    {
        (WeakReference model, string path) = await ServeAndCloseAsync();
        for (int i = 0; i < 50 && model.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.False(model.IsAlive, "Something holds the closed model.");
        if (OperatingSystem.IsLinux())
            Assert.DoesNotContain(path, await File.ReadAllTextAsync("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /v1/chat/completions"), InlineData("POST /v1/completions"), InlineData("POST /v1/embeddings"), InlineData("POST /v1/responses")]
    [InlineData("POST /v1/messages"), InlineData("POST /v1/messages/count_tokens"), InlineData("POST /v1/rerank"), InlineData("GET /v1/models")]
    [InlineData("POST /completion"), InlineData("POST /tokenize"), InlineData("POST /detokenize"), InlineData("POST /infill"), InlineData("POST /apply-template")]
    [InlineData("GET /health"), InlineData("GET /ready"), InlineData("GET /props"), InlineData("GET /slots"), InlineData("GET /metrics"), InlineData("GET /lora-adapters")]
    public void Complaint_13_an_address_is_answered(string route) =>
        Assert.Contains(route, Routes.All.Select(known => $"{known.Method} {known.Pattern}"));

    [Fact]
    public void Complaint_14_only_this_machine_can_ask_unless_told_otherwise()
    {
        Assert.True(new Listening().IsLoopback);
        Assert.Empty(new ServerOptions().Origins);
        Assert.Contains("--api-key-file", Assert.Throws<ArgumentException>(() => Standalone.Build(new() { Host = "0.0.0.0" }, new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complaint_15_adapters_are_each_request_s_own_and_company_changes_no_text()
    {
        using var folder = new TemporaryFolder();
        using (ModelFile file = DefaultModel.Open())
        {
            for (int i = 0; i < 2; i++)
                new TinyAdapter(file, seed: i).Change(3, "ffn_").Write(folder[$"{i}.gguf"]);
        }

        await using var own = new RunningServer(options => options.Adapters = [new(folder["0.gguf"], 0), new(folder["1.gguf"], 0)]);
        string[] uses = ["", ", \"lora\": [{\"id\": 0, \"scale\": 1}]", ", \"lora\": [{\"id\": 1, \"scale\": 1}]", ", \"lora\": [{\"id\": 0, \"scale\": 0.5}, {\"id\": 1, \"scale\": 1}]"];
        string[] asks = [.. uses.Select(use => $$"""{"prompt": "Once upon a time", "n_predict": 12, "temperature": 0.9, "seed": 5, "ignore_eos": true{{use}} }""")];
        List<string?> alone = [];
        foreach (string ask in asks)
            alone.Add(await ContentAsync(own, ask));
        Assert.Equal(4, alone.Distinct().Count());
        Assert.Equal(alone.Concat(alone), await Task.WhenAll(asks.Concat(asks).Select(ask => ContentAsync(own, ask))));
    }

    private static async Task<(WeakReference Model, string Path)> ServeAndCloseAsync()
    {
        await using var own = new RunningServer();
        Assert.Equal(200, (await own.PostAsync(Texts, """{"prompt": "Once", "max_tokens": 4}""")).Status);
        using ModelLease lease = await own.App.Services.GetRequiredService<ModelHost>().RentAsync(null);
        return (new WeakReference(lease.Model), lease.Model.File.Path);
    }

    private static TemporaryFolder Stories(params string[] names)
    {
        var folder = new TemporaryFolder();
        foreach (string name in names)
            File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), folder[name]);
        return folder;
    }

    private static string Ask(string options) => $$"""{"messages": [{"role": "user", "content": "Once upon a time"}], {{options}} }""";

    private static async Task<int> CachedAsync(RunningServer server, string prompt, string options = "\"cache_prompt\": true") =>
        (await server.PostAsync("/completion", $$"""{"prompt": "{{prompt}}", "n_predict": 1, {{options}} }""")).Json.GetProperty("tokens_cached").GetInt32();

    private static async Task<string?> ContentAsync(RunningServer server, string ask) => (await server.PostAsync("/completion", ask)).Json.GetProperty("content").GetString();

    private async Task<bool> ThinksAsync(string effort) => (await server.PostAsync("/apply-template", Ask($"\"reasoning_effort\": \"{effort}\"")))
        .Json.GetProperty("prompt").GetString()!.EndsWith("<think>\n", StringComparison.Ordinal);

    private async Task<string?> TextAsync(string ask) => (await server.PostAsync(Texts, ask)).Json.GetProperty("choices")[0].GetProperty("text").GetString();
}
