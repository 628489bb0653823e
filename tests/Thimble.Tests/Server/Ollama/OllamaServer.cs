using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Library;
using Thimble.Models.Files;
using Thimble.Tests.Library.Shelf;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

/// <summary>A server with a shelf of its own: the story model as <c>tales</c> with a chat template, and as <c>plain</c> without.</summary>
public sealed class OllamaServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunningServer _server;

    public OllamaServer()
    {
        WriteModel("tales.gguf", RunningServer.Template);
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), _folder["plain.gguf"]);
        Host = new ModelHost(new() { Folder = new(_folder.Path), Model = new() { Threads = 1 } });
        _server = new RunningServer(options => options.OpenAtStart = false, services => services.AddSingleton(Host).AddSingleton(Hub.Options));
    }

    internal ModelHost Host { get; }

    /// <summary>Where models are pulled from.</summary>
    internal HubFixture Hub { get; } = new();

    public Uri Address => _server.Address;

    public HttpClient Client => _server.Client;

    public void Dispose()
    {
        _server.Dispose();
        Hub.Dispose();
        Host.Dispose();
        _folder.Dispose();
    }

    /// <summary>Posts JSON.</summary>
    /// <returns>The status and the lines of the answer.</returns>
    public async Task<(int Status, JsonElement[] Lines)> PostAsync(string path, string json, string method = "POST")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }

    /// <summary>Posts JSON and expects one object.</summary>
    public async Task<JsonElement> AskAsync(string path, string json)
    {
        (int status, JsonElement[] lines) = await PostAsync(path, json);
        JsonElement only = Assert.Single(lines);
        Assert.True(status == 200, only.ToString());
        return only;
    }

    /// <summary>Posts JSON and expects a refusal.</summary>
    public async Task<string> RefusalAsync(string path, string json, int status = 400)
    {
        (int got, JsonElement[] lines) = await PostAsync(path, json);
        Assert.Equal(status, got);
        return Assert.Single(lines).GetProperty("error").GetString()!;
    }

    public async Task<JsonElement> GetAsync(string path) => (await _server.GetAsync(path)).Json;

    private void WriteModel(string name, string template)
    {
        using ModelFile file = DefaultModel.Open();
        file.Metadata.Set("tokenizer.chat_template", template);
        GgufWriter.Write(_folder[name], file.Metadata, [.. file.Tensors.Select(tensor => TensorSource.Copy(tensor))]);
    }
}
