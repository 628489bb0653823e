using System.Text.Json;

namespace Thimble.Library;

/// <summary>A repository of Hugging Face: one of its GGUF files, or the whole model as safetensors.</summary>
/// <remarks>Source: Hugging Face, "Hub API Endpoints": <c>/api/models/{repository}/tree/{revision}</c> and <c>/{repository}/resolve/{revision}/{file}</c>.</remarks>
internal sealed class HuggingFaceHub(HubOptions options, string repository, string? quantisation) : IHub
{
    private const int MostText = 32 << 20, MostPages = 100;
    private const string Revision = "main";

    public async Task<RemoteModel> FindAsync(HubClient client, CancellationToken cancellationToken)
    {
        List<RemoteFile> files = await ListAsync(client, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<RemoteFile> chosen, string? tag) = RepositoryFiles.Choose(files, quantisation, repository);
        string name = $"hf.co/{repository}" + (tag is null ? "" : $":{tag}");
        return new(chosen, new() { Name = name, Source = HubOptions.At(options.HuggingFace, $"/{repository}").AbsoluteUri });
    }

    private async Task<List<RemoteFile>> ListAsync(HubClient client, CancellationToken cancellationToken)
    {
        List<RemoteFile> files = [];
        Uri? page = HubOptions.At(options.HuggingFace, $"/api/models/{repository}/tree/{Revision}?recursive=true");
        for (int pages = 0; page is not null; pages++)
        {
            if (pages == MostPages)
                throw new InvalidDataException($"'{repository}' lists more than {MostPages} pages of files.");

            (byte[] bytes, HttpResponseMessage response) = await PageAsync(client, page, cancellationToken).ConfigureAwait(false);
            try
            {
                using var json = JsonDocument.Parse(bytes);
                files.AddRange(json.RootElement.EnumerateArray().Where(entry => entry.GetProperty("type").GetString() == "file").Select(File));
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new InvalidDataException($"'{page}' sends no list of files: {fault.Message}", fault);
            }

            page = NextPage(response, page);
        }

        return files;
    }

    private async Task<(byte[] Bytes, HttpResponseMessage Response)> PageAsync(HubClient client, Uri page, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ReadAsync(new(page, options.HuggingFaceToken) { Accept = ["application/json"] }, MostText, cancellationToken).ConfigureAwait(false);
        }
        catch (FileNotFoundException fault)
        {
            throw new FileNotFoundException($"There is no repository '{repository}' at {options.HuggingFace.Authority}: {fault.Message}", repository, fault);
        }
    }

    private RemoteFile File(JsonElement entry)
    {
        string path = BlobStore.Inside(entry.GetProperty("path").GetString()!);
        bool large = entry.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object;
        string oid = (large ? lfs : entry).GetProperty("oid").GetString()!;
        string escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        return new(path, HubOptions.At(options.HuggingFace, $"/{repository}/resolve/{Revision}/{escaped}"))
        {
            Bytes = (large ? lfs : entry).GetProperty("size").GetInt64(),
            Digest = large ? "sha256:" + oid : null,
            GitObject = large ? null : oid,
            Token = options.HuggingFaceToken,
        };
    }

    /// <summary>The address in <c>Link: &lt;…&gt;; rel="next"</c>, on the same host.</summary>
    private static Uri? NextPage(HttpResponseMessage response, Uri page)
    {
        string? next = response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
            ? links.SelectMany(link => link.Split(',')).FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal))
            : null;
        int from = next?.IndexOf('<', StringComparison.Ordinal) ?? -1, to = next?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        return from >= 0 && to > from ? new Uri(page, new Uri(page, next![(from + 1)..to]).PathAndQuery) : null;
    }
}
