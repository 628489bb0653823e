using Thimble.Models.Files;

namespace Thimble.Library;

/// <summary>A folder of models that are known by short names: <c>qwen3-0.6b-q4_0</c> is <c>qwen3-0.6b-q4_0.gguf</c> in it.</summary>
/// <param name="path">The folder; it need not exist.</param>
public sealed class ModelFolder(string path)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "THIMBLE_MODELS";

    private const int Deepest = 3;   // folders below: owner/model/file

    /// <summary>The folder that the environment variable <c>THIMBLE_MODELS</c> names, or else <c>thimble/models</c> among the user's data.</summary>
    public static ModelFolder Default => new(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "thimble", "models"));

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>Models that were pulled, or named by hand.</summary>
    internal BlobStore Store { get; } = new(path);

    /// <summary>The models in it and in folders below, by name.</summary>
    /// <returns>Models that were pulled, GGUF files, one entry for all parts of a divided one, and folders of Hugging Face models.</returns>
    public IReadOnlyList<ModelEntry> List()
    {
        var folder = new DirectoryInfo(Path);
        if (!folder.Exists)
            return [];

        var below = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Deepest, IgnoreInaccessible = true };
        IEnumerable<ModelEntry> files = folder.EnumerateFiles("*.gguf", below)
            .Where(file => SplitName.Parse(file.Name) is null or { Number: 1 })
            .Select(file => new ModelEntry(NameOf(file.FullName[..^".gguf".Length]), file.FullName, SizeOf(file), file.LastWriteTimeUtc));
        IEnumerable<ModelEntry> folders = folder.EnumerateFiles("config.json", below)
            .Select(file => file.Directory!)
            .Where(model => model.EnumerateFiles("*.safetensors").Any())
            .Select(model => new ModelEntry(
                NameOf(model.FullName), model.FullName, model.EnumerateFiles("*.safetensors").Sum(file => file.Length), model.LastWriteTimeUtc));
        IEnumerable<ModelEntry> pulled = Store.Manifests().Select(manifest => EntryOf(manifest, Store));
        return
        [
            .. pulled.Concat(files).Concat(folders)
                .DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase).OrderBy(model => model.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The path of a model.</summary>
    /// <param name="name">A name that <see cref="List"/> gives, with or without <c>.gguf</c>, whatever its case.</param>
    /// <returns>Its path, or null where there is no such model.</returns>
    public string? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Manifest(name) is { } manifest ? Store.Open(manifest) : null;
    }

    /// <summary>How a model wants to be used where nobody says otherwise.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>What the shelf says of it; null for a file of the user's own, which says all there is to say itself.</returns>
    /// <exception cref="NotSupportedException">Its chat template is of no form that this build knows.</exception>
    public ModelDefaults? Defaults(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Store.Find(name) is not { } manifest)
            return null;

        var source = ModelSource.Of(name, manifest, Store);
        return new()
        {
            System = manifest.System,
            ChatTemplate = source.ChatTemplate(),
            Parameters = manifest.Parameters,
            Adapters = source.Adapters,
        };
    }

    /// <summary>Names like a given one, for a message that it is unknown.</summary>
    /// <param name="name">The unknown name.</param>
    /// <returns>Names that contain it or differ in a few letters; at most three.</returns>
    public IReadOnlyList<string> Near(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string[] names = [.. List().Select(model => model.Name)];
        return [.. names.Where(other => other.Contains(name, StringComparison.OrdinalIgnoreCase)).Concat(NearNames.Of(name, names)).Distinct().Take(3)];
    }

    /// <summary>What a name means: a model that was pulled, or a file or folder, as if it had been put on the shelf by hand.</summary>
    internal ShelfManifest? Manifest(string name)
    {
        string plain = name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^".gguf".Length] : name;
        if ((Store.Find(name) ?? Store.Find(plain)) is { } pulled)
            return pulled;

        ModelEntry? own = Own(plain) ?? List().FirstOrDefault(model => model.Name.Equals(plain, StringComparison.OrdinalIgnoreCase) && model.IsOwn);
        return own is null ? null : new() { Name = own.Name, Place = System.IO.Path.GetFullPath(own.Path), Created = own.Modified };
    }

    /// <summary>That a name means nothing.</summary>
    internal FileNotFoundException Unknown(string name)
    {
        string[] near = name.Length == 0 ? [] : [.. Near(name).Select(other => $"'{other}'")];
        return new($"There is no model '{name}'.{(near.Length > 0 ? $" Did you mean {string.Join(" or ", near)}?" : " Pull it, or put its file into the models folder.")}", name);
    }

    /// <summary>A model on the shelf as an entry of a list.</summary>
    internal static ModelEntry EntryOf(ShelfManifest manifest, BlobStore store)
    {
        ModelEntry? place = manifest.Place is { } own ? EntryOf(manifest.Name, own) : null;
        return new(manifest.Name, place?.Path ?? store.Open(manifest), place?.Bytes ?? manifest.Bytes, manifest.Created) { IsOwn = false };
    }

    /// <summary>A file or folder as an entry of a list.</summary>
    internal static ModelEntry EntryOf(string name, string path)
    {
        var folder = new DirectoryInfo(path);
        if (folder.Exists)
            return new(name, path, folder.EnumerateFiles("*.safetensors").Sum(file => file.Length), folder.LastWriteTimeUtc);

        var file = new FileInfo(path);
        return new(name, path, file.Exists ? SizeOf(file) : 0, file.LastWriteTimeUtc);
    }

    /// <summary>The file of exactly this name, found without reading the folder.</summary>
    private ModelEntry? Own(string name)
    {
        string path = System.IO.Path.Combine(Path, name + ".gguf");
        bool leadsInside = name.Split('/') is var parts && parts.Length <= Deepest && parts.All(part => part.Length > 0 && part[0] != '.') && name.AsSpan().IndexOfAny(@"\:") < 0;
        return leadsInside && SplitName.Parse(path) is null && File.Exists(path) ? EntryOf(name, path) : null;
    }

    private string NameOf(string full) => System.IO.Path.GetRelativePath(Path, full).Replace('\\', '/');

    private static long SizeOf(FileInfo file) => SplitName.Parse(file.FullName) is { } split
        ? Enumerable.Range(1, split.Count).Select(number => new FileInfo(split.PathOf(number))).Sum(part => part.Exists ? part.Length : 0)
        : file.Length;
}

/// <summary>A model in a folder.</summary>
/// <param name="Name">Its name: the path below the folder, with slashes and without <c>.gguf</c>.</param>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">Bytes on the disk.</param>
/// <param name="Modified">When it was last written.</param>
public sealed record ModelEntry(string Name, string Path, long Bytes, DateTimeOffset Modified)
{
    /// <summary>Whether it is a file or folder of the user's own, rather than one that was pulled or named by hand.</summary>
    public bool IsOwn { get; init; } = true;
}
