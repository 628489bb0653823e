using System.Text;
using Thimble.Library;

namespace Thimble.Tests.Library.Shelf;

public sealed class OllamaRegistryTests : IDisposable
{
    private readonly HubFixture _hub = new();
    private readonly Dictionary<string, byte[]> _layers = [];

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task A_model_is_pulled_with_its_template_and_parameters()
    {
        _hub.OnHub = Registry("/v2/library/tales/manifests/latest", Layer("model", _hub.File), Layer("template", "{{ .Prompt }}"u8), Layer("system", "You tell tales."u8),
            Layer("params", """{"stop":["<|end|>"],"temperature":0.5}"""u8), Layer("license", "MIT"u8));
        ModelEntry entry = await _hub.Pull("tales");
        Assert.Equal("tales", entry.Name);
        _hub.AssertPulled(entry);
        ShelfManifest manifest = _hub.Models.Manifest("tales:latest")!;
        Assert.Equal(("{{ .Prompt }}", "You tell tales.", "MIT"), (manifest.Template, manifest.System, manifest.License));
        Assert.Equal(0.5, manifest.Parameters["temperature"].GetDouble());
        Assert.All(_hub.Hub.Requests, asked => Assert.Null(asked.Token));
    }

    [Fact]
    public async Task Owners_and_tags_are_part_of_the_address()
    {
        _hub.OnHub = Registry("/v2/owner/tales/manifests/0.6b", Layer("model", _hub.File));
        Assert.Equal("owner/tales:0.6b", (await _hub.Pull("owner/tales:0.6b")).Name);
        FileNotFoundException fault = await Assert.ThrowsAsync<FileNotFoundException>(() => _hub.Pull("owner/tales:7b"));
        Assert.Contains("It says: pull model manifest: file does not exist.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Layers_that_are_not_understood_are_named()
    {
        _hub.OnHub = Registry("/v2/library/tales/manifests/latest", Layer("tensor; name=x", _hub.File));
        Assert.Contains("'tensor'", (await Assert.ThrowsAsync<NotSupportedException>(() => _hub.Pull("tales"))).Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Models.List());
    }

    [Fact]
    public async Task A_small_layer_is_checked_too()
    {
        string template = Layer("template", "{{ .Prompt }}"u8);
        foreach (string digest in _layers.Keys)
            _layers[digest] = Encoding.UTF8.GetBytes("other");
        _hub.OnHub = Registry("/v2/library/tales/manifests/latest", Layer("model", _hub.File), template);
        await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull("tales"));
    }

    [Theory, InlineData("no json"), InlineData("[]"), InlineData("{}"), InlineData("""{"layers":[{"mediaType":"x","digest":"sha256:1","size":1}]}"""), InlineData("""{"layers":[{"mediaType":3}]}""")]
    public async Task A_damaged_manifest_is_refused(string manifest)
    {
        _hub.OnHub = _ => Answer.Text(manifest);
        await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull("tales"));
    }

    private string Layer(string kind, ReadOnlySpan<byte> bytes)
    {
        string digest = BlobStore.Digest(bytes);
        _layers[digest] = bytes.ToArray();
        return $$"""{"mediaType":"application/vnd.ollama.image.{{kind}}","digest":"{{digest}}","size":{{bytes.Length}}}""";
    }

    private Func<Asked, Answer> Registry(string path, params string[] layers) => asked =>
        asked.Path == path ? Answer.Text($$"""{"schemaVersion":2,"config":{},"layers":[{{string.Join(',', layers)}}]}""")
        : _layers.TryGetValue(asked.Path[(asked.Path.LastIndexOf('/') + 1)..], out byte[]? blob) ? Answer.File(blob, asked)
        : new(404, Encoding.UTF8.GetBytes("""{"errors":[{"code":"MANIFEST_UNKNOWN","message":"pull model manifest: file does not exist"}]}"""), ("Content-Type", "application/json"));
}
