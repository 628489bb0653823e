using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Models.Files;
using Thimble.Server;
using Thimble.Server.Hosting;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

/// <summary>A server in this process, on a free port of loopback, with the story model and a chat template.</summary>
public class RunningServer : IAsyncDisposable, IDisposable
{
    internal const string Template =
        "{%- if tools %}<|im_start|>system\nTools: {{ tools | tojson }}\nCall as <tool_call>{\"name\": …, \"arguments\": …}</tool_call>.<|im_end|>\n{% endif -%}" +
        "{%- for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}" +
        "{%- for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}<|im_end|>\n{% endfor -%}" +
        "{%- if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and enable_thinking %}<think>\n{% endif %}{% endif %}";

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    public RunningServer()
        : this(_ => { })
    {
    }

    internal RunningServer(Action<ServerOptions> configure, Action<IServiceCollection>? services = null, string? template = Template, Action<Metadata>? describe = null)
    {
        ServerOptions options = new() { Model = WriteModel(_folder, template, describe), Alias = "stories" };
        configure(options);
        _app = Standalone.Build(new() { Port = 0 }, options, services);
        _app.StartAsync().GetAwaiter().GetResult();
        Address = new(_app.Urls.Single());
        // A response that is dropped is broken off: else the client would read on for two seconds to save the connection.
        Client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero, MaxResponseDrainSize = 0 }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    internal WebApplication App => _app;

    /// <summary>Posts JSON.</summary>
    /// <returns>The status and the answer's JSON.</returns>
    public async Task<(int Status, JsonElement Json)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task<(int Status, JsonElement Json)> GetAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Posts JSON and reads the events of the answer.</summary>
    /// <returns>Name and content of each.</returns>
    public async Task<List<(string? Name, string Text)>> EventsAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(Event)];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    private static (string? Name, string Text) Event(string block)
    {
        string[] lines = block.Split('\n');
        string? name = lines.FirstOrDefault(line => line.StartsWith("event: ", StringComparison.Ordinal))?["event: ".Length..];
        return (name, lines.First(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]);
    }

    private static string WriteModel(TemporaryFolder folder, string? template, Action<Metadata>? describe)
    {
        using ModelFile file = DefaultModel.Open();
        if (template is not null)
            file.Metadata.Set("tokenizer.chat_template", template);
        describe?.Invoke(file.Metadata);
        GgufWriter.Write(folder["stories.gguf"], file.Metadata, [.. file.Tensors.Select(tensor => TensorSource.Copy(tensor))]);
        return folder["stories.gguf"];
    }
}
