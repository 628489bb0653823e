using System.Text;
using System.Text.Json;

namespace Thimble.Library;

/// <summary>A model of a registry that speaks Ollama's protocol: a manifest whose layers are blobs named by their digests.</summary>
/// <remarks>Source: Open Container Initiative, "Distribution Specification", pulling; the media types of layers are Ollama's.</remarks>
internal sealed class OllamaRegistry(HubOptions options, ModelName name) : IHub
{
    private const int MostText = 4 << 20;
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json", Layer = "application/vnd.ollama.image.";

    private string Repository => name.Path.Contains('/', StringComparison.Ordinal) ? name.Path : $"library/{name.Path}";

    public async Task<RemoteModel> FindAsync(HubClient client, CancellationToken cancellationToken)
    {
        Uri address = HubOptions.At(options.Registry, $"/v2/{Repository}/manifests/{name.Tag}");
        (byte[] bytes, HttpResponseMessage _) = await client.ReadAsync(new(address) { Accept = [ManifestType], Variable = HubOptions.LoginVariable }, MostText, cancellationToken).ConfigureAwait(false);
        List<RemoteFile> files = [];
        ShelfManifest manifest = new() { Name = name.Text, Source = address.AbsoluteUri };
        foreach ((string kind, string digest, long size) in Layers(bytes, address))
        {
            switch (kind)
            {
                case "model":
                    files.Add(File("model.gguf", digest, size, ShelfRole.Model));
                    break;
                case "projector":
                    files.Add(File("projector.gguf", digest, size, ShelfRole.Projector));
                    break;
                case "adapter":
                    files.Add(File($"adapter-{files.Count}.gguf", digest, size, ShelfRole.Adapter));
                    break;
                case "template":
                    manifest = manifest with { Template = await TextAsync(digest).ConfigureAwait(false) };
                    break;
                case "system":
                    manifest = manifest with { System = await TextAsync(digest).ConfigureAwait(false) };
                    break;
                case "license":
                    string license = await TextAsync(digest).ConfigureAwait(false);
                    manifest = manifest with { License = manifest.License is null ? license : $"{manifest.License}\n\n{license}" };
                    break;
                case "params":
                    manifest = manifest with { Parameters = Parameters(await TextAsync(digest).ConfigureAwait(false), address) };
                    break;
                case "messages" or "prompt":
                    break;   // a conversation to begin with, and an old form of template: nothing the model needs
                default:
                    throw new NotSupportedException($"'{name.Text}' has a layer of kind '{kind}'; this build knows adapter, license, model, params, projector, system, template.");
            }
        }

        return files.Exists(file => file.Role == ShelfRole.Model)
            ? new(files, manifest)
            : throw new NotSupportedException($"'{name.Text}' has no layer of kind 'model': it is run by another machine, or holds no GGUF file.");

        async Task<string> TextAsync(string digest)
        {
            (byte[] text, HttpResponseMessage _) = await client.ReadAsync(new(Blob(digest)), MostText, cancellationToken).ConfigureAwait(false);
            return BlobStore.Digest(text) == digest
                ? Encoding.UTF8.GetString(text)
                : throw new InvalidDataException($"'{Blob(digest)}' has the digest {BlobStore.Digest(text)}; expected the one in its name.");
        }
    }

    private RemoteFile File(string file, string digest, long size, ShelfRole role) => new(file, Blob(digest)) { Digest = digest, Bytes = size, Role = role };

    private Uri Blob(string digest) => HubOptions.At(options.Registry, $"/v2/{Repository}/blobs/{digest}");

    private static List<(string Kind, string Digest, long Size)> Layers(byte[] bytes, Uri address)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            List<(string, string, long)> layers = [];
            foreach (JsonElement layer in json.RootElement.GetProperty("layers").EnumerateArray())
            {
                string type = layer.GetProperty("mediaType").GetString()!, digest = layer.GetProperty("digest").GetString()!;
                long size = layer.GetProperty("size").GetInt64();
                if (!BlobStore.IsDigest(digest) || size < 0)
                    throw new InvalidDataException($"The manifest '{address}' names a layer '{digest}' of {size} bytes; expected sha256: and 64 digits.");
                string kind = type.StartsWith(Layer, StringComparison.Ordinal) ? type[Layer.Length..] : type;
                layers.Add((kind.Split(';')[0].Trim(), digest, size));
            }

            return layers;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"'{address}' sends no manifest: {fault.Message}", fault);
        }
    }

    private static Dictionary<string, JsonElement> Parameters(string text, Uri address)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.EnumerateObject().ToDictionary(parameter => parameter.Name, parameter => parameter.Value.Clone());
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The parameters of '{address}' are no JSON object: {fault.Message}", fault);
        }
    }
}
