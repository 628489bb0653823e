namespace Thimble.Library;

/// <summary>One file, or the first part of a divided one, at any address.</summary>
internal sealed class WebAddress(HubOptions options, Uri address) : IHub
{
    public Task<RemoteModel> FindAsync(HubClient client, CancellationToken cancellationToken)
    {
        bool known = IsHuggingFace(options, address);
        Uri file = known ? new UriBuilder(address) { Path = address.AbsolutePath.Replace("/blob/", "/resolve/", StringComparison.Ordinal) }.Uri : address;
        string last = Uri.UnescapeDataString(file.Segments[^1]);
        string[] names = SplitName.Parse(last) is { } split ? [.. Enumerable.Range(1, split.Count).Select(split.PathOf)] : [last];
        RemoteFile[] files =
        [
            .. names.Select(name => new RemoteFile(BlobStore.Inside(name), names.Length == 1 ? file : new UriBuilder(new Uri(file, Uri.EscapeDataString(name))) { Query = file.Query }.Uri)
            {
                Token = known ? options.HuggingFaceToken : null,
            }),
        ];
        return Task.FromResult(new RemoteModel(files, new() { Name = NameOf(last), Source = file.GetLeftPart(UriPartial.Path) }));
    }

    public static bool IsHuggingFace(HubOptions options, Uri address) =>
        Uri.Compare(address, options.HuggingFace, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The name on the shelf: the file's, with what no name may hold left out.</summary>
    private static string NameOf(string file)
    {
        string stem = SplitName.Parse(file)?.Stem ?? Path.GetFileNameWithoutExtension(file);
        string name = string.Concat(stem.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '-')).Trim('.', '-');
        return name.Length > 0 ? name : "model";
    }
}
