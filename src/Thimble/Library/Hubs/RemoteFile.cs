namespace Thimble.Library;

/// <summary>A file of a model as a hub offers it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Address">Where it is.</param>
internal sealed record RemoteFile(string Name, Uri Address)
{
    public ShelfRole Role { get; init; }

    public string? Token { get; init; }

    /// <summary>Its digest, <c>sha256:…</c>; null where the hub does not say.</summary>
    public string? Digest { get; init; }

    /// <summary>The SHA-1 that git calls it by; null where the hub does not say.</summary>
    public string? GitObject { get; init; }

    /// <summary>Its length; null where the hub does not say.</summary>
    public long? Bytes { get; init; }

    /// <summary>What its unfinished bytes are kept under.</summary>
    public string Key => (Digest ?? BlobStore.Digest(System.Text.Encoding.UTF8.GetBytes(Address.AbsoluteUri))).Replace(':', '-');
}

/// <summary>A model as a hub offers it: its files, and what its manifest says beside them.</summary>
/// <param name="Files">The files.</param>
/// <param name="Manifest">The manifest, still without files.</param>
internal sealed record RemoteModel(IReadOnlyList<RemoteFile> Files, ShelfManifest Manifest);

/// <summary>A place that models are pulled from.</summary>
internal interface IHub
{
    /// <summary>What is on offer under the name it was made for.</summary>
    Task<RemoteModel> FindAsync(HubClient client, CancellationToken cancellationToken);
}
