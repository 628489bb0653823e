using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Thimble.Library;

/// <summary>The shelf on the disk: blobs under the name of their content, and manifests that make models of them.</summary>
/// <param name="folder">The folder of models; the shelf is the folder <c>.shelf</c> in it.</param>
/// <remarks>Everything appears by a rename when it is complete, so that whoever is killed at any moment leaves the shelf as it was.
/// What nobody finished lies in <c>partial</c> until it is resumed.</remarks>
internal sealed class BlobStore(string folder)
{
    private const string DigestStart = "sha256:";
    private const int DigestLength = 71;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef"), s_refused = SearchValues.Create("\\:*?\"<>|\0");

    private static readonly TimeSpan s_patience = TimeSpan.FromDays(1);

    private readonly string _root = Path.GetFullPath(Path.Combine(folder, ".shelf"));

    /// <summary>Held, shared, while blobs are fetched that no manifest names yet; held alone to delete blobs.</summary>
    public string PullingLock => Path.Combine(_root, "pulling.lock");

    public string Partial(string key) => Path.Combine(_root, "partial", key);

    /// <summary>Where a blob lies, or would lie.</summary>
    /// <exception cref="ArgumentException">That is no digest.</exception>
    public string PathOf(string digest) => IsDigest(digest)
        ? Path.Combine(_root, "blobs", digest.Replace(':', '-'))
        : throw new ArgumentException($"'{digest}' is no digest; expected sha256: and 64 hexadecimal digits.", nameof(digest));

    public static bool IsDigest(string text) =>
        text.Length == DigestLength && text.StartsWith(DigestStart, StringComparison.Ordinal) && text.AsSpan(DigestStart.Length).IndexOfAnyExcept(s_digits) < 0;

    public bool Has(string digest) => File.Exists(PathOf(digest));

    /// <summary>Makes a file a blob.</summary>
    /// <param name="path">A complete file on the same disk; it is moved.</param>
    /// <param name="digest">Its digest, which was checked.</param>
    public void Commit(string path, string digest)
    {
        string target = PathOf(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using (Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(path, target, overwrite: true);
    }

    /// <summary>Takes a blob in that somebody sends; it stays for a day without a model that names it.</summary>
    /// <param name="digest">What it must turn out to be.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Ends it; nothing is kept.</param>
    /// <exception cref="InvalidDataException">The bytes have another digest.</exception>
    /// <exception cref="CapacityException">The disk is full.</exception>
    public async Task AddAsync(string digest, Stream content, CancellationToken cancellationToken)
    {
        PathOf(digest);
        using ShelfLock _ = await ShelfLock.TakeAsync(PullingLock, shared: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        string path = Partial($"sent-{Path.GetRandomFileName()}");
        try
        {
            using (var partial = new PartialFile(path))
            {
                byte[] buffer = new byte[1 << 18];
                long length = 0;
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; length += read)
                    partial.Put(length, buffer.AsMemory(0, read));
            }

            string found = await DigestAsync(path, cancellationToken).ConfigureAwait(false);
            if (found != digest)
                throw new InvalidDataException($"What was sent has the digest {found}; expected {digest}.");
            await File.WriteAllTextAsync(Mark(digest), "", cancellationToken).ConfigureAwait(false);
            Commit(path, digest);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A model names a blob that was sent.</summary>
    public void Claim(string digest) => File.Delete(Mark(digest));

    /// <summary>All manifests, in the order of their names; one that cannot be read is left out.</summary>
    public IReadOnlyList<ShelfManifest> Manifests()
    {
        string manifests = Path.Combine(_root, "manifests");
        return !Directory.Exists(manifests) ? [] :
        [
            .. Directory.EnumerateFiles(manifests, "*.json", SearchOption.AllDirectories)
                .Select(Read).OfType<ShelfManifest>().OrderBy(manifest => manifest.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>The manifest of a name, whatever its case; null if there is none.</summary>
    public ShelfManifest? Find(string name)
    {
        if (ModelName.TryParse(name) is not { } parsed)
            return null;
        if (Read(FileOf(parsed)) is { } found)
            return found;

        IReadOnlyList<ShelfManifest> all = Manifests();
        if (all.FirstOrDefault(manifest => manifest.Name.Equals(parsed.Text, StringComparison.OrdinalIgnoreCase)) is { } alike)
            return alike;

        // Without a tag, the only one of that name is meant.
        ShelfManifest[] tagged = [.. all.Where(manifest => manifest.Name.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))];
        return tagged is [{ } only] ? only : null;
    }

    /// <summary>Puts a model on the shelf, replacing one of its name.</summary>
    public void Write(ShelfManifest manifest)
    {
        string path = FileOf(ModelName.Parse(manifest.Name)), draft = $"{path}.{Path.GetRandomFileName()}.part";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, manifest, ShelfJson.Default.ShelfManifest);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Takes a model off the shelf; its blobs stay until <see cref="Collect"/>.</summary>
    public void Delete(ShelfManifest manifest) => File.Delete(FileOf(ModelName.Parse(manifest.Name)));

    /// <summary>Deletes blobs that no model needs, and what was begun and never finished, unless somebody is fetching: then the next one does.</summary>
    /// <returns>Bytes freed.</returns>
    public long Collect()
    {
        using var alone = ShelfLock.TryTake(PullingLock);
        var blobs = new DirectoryInfo(Path.Combine(_root, "blobs"));
        if (alone is null)
            return 0;

        long freed = new Leftovers(_root, TimeProvider.System).Clear();
        if (!blobs.Exists)
            return freed;

        IReadOnlyList<ShelfManifest> kept = Manifests();
        HashSet<string> needed = [.. kept.SelectMany(manifest => manifest.Files).Select(file => PathOf(file.Digest))];
        HashSet<string> views = [.. kept.Select(ModelFiles).Where(files => files.Length > 1).Select(ViewOf)];
        var folder = new DirectoryInfo(Path.Combine(_root, "views"));
        foreach (DirectoryInfo view in folder.Exists ? folder.EnumerateDirectories().Where(view => !views.Contains(view.FullName) && view.Extension != ".part") : [])
            view.Delete(recursive: true);

        foreach (FileInfo blob in blobs.EnumerateFiles("sha256-*").Where(blob => !needed.Contains(blob.FullName) && !IsAwaited(blob.Name)))
        {
            freed += blob.Length;
            blob.Delete();
        }

        return freed;
    }

    /// <summary>The digest of a file.</summary>
    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return DigestStart + Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The digest of bytes.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => DigestStart + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A file's name that leads to no other folder than the model's.</summary>
    /// <exception cref="InvalidDataException">It leads out of it.</exception>
    public static string Inside(string name) =>
        name.Length > 0 && name.Split('/').All(part => part is not ("" or "." or "..") && part.AsSpan().IndexOfAny(s_refused) < 0)
            ? name
            : throw new InvalidDataException($"A file of the model is named '{name}'; expected a name without .. that any disk can hold.");

    /// <summary>What a reader opens: a blob where the model is one file, else a folder in which the blobs have their names.</summary>
    public string Open(ShelfManifest manifest)
    {
        if (manifest.Place is { } place)
            return place;

        ShelfFile[] files = ModelFiles(manifest);
        if (files is [{ } only])
            return PathOf(only.Digest);

        string view = View(files);
        string? first = files.Select(file => file.Name).FirstOrDefault(name => SplitName.Parse(name) is { Number: 1 });
        return first is null ? view : Path.Combine(view, first);
    }

    private static ShelfFile[] ModelFiles(ShelfManifest manifest) => [.. manifest.Files.Where(file => file.Role == ShelfRole.Model)];

    private string ViewOf(ShelfFile[] files)
    {
        string all = string.Join('\n', files.Select(file => $"{file.Name} {file.Digest}"));
        return Path.Combine(_root, "views", Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(all)))[..32]);
    }

    private string View(ShelfFile[] files)
    {
        string view = ViewOf(files), draft = $"{view}.{Path.GetRandomFileName()}.part";
        if (Directory.Exists(view))
            return view;

        foreach (ShelfFile file in files)
        {
            string name = Path.Combine(draft, Inside(file.Name));
            Directory.CreateDirectory(Path.GetDirectoryName(name)!);
            Link(name, PathOf(file.Digest));
        }

        try
        {
            Directory.Move(draft, view);
        }
        catch (IOException) when (Directory.Exists(view))
        {
            Directory.Delete(draft, recursive: true);   // another process was faster, with the same
        }

        return view;
    }

    private static void Link(string name, string target)
    {
        try
        {
            File.CreateSymbolicLink(name, target);
        }
        catch (Exception fault) when (OperatingSystem.IsWindows() && fault is IOException or UnauthorizedAccessException)
        {
            File.Copy(target, name);   // Windows lets few users make links
        }
    }

    private string Mark(string digest) => Partial(digest.Replace(':', '-') + ".sent");

    private bool IsAwaited(string blob)
    {
        var mark = new FileInfo(Partial(blob + ".sent"));
        return mark.Exists && TimeProvider.System.GetUtcNow() - mark.LastWriteTimeUtc < s_patience;
    }

    private string FileOf(ModelName name) => Path.Combine(_root, "manifests", name.File);

    private static ShelfManifest? Read(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ShelfJson.Default.ShelfManifest) is { Schema: <= ShelfManifest.Known } manifest ? manifest : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;   // one damaged file must not hide the others
        }
    }
}
