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

    /// <summary>The models in it and in folders below, by name.</summary>
    /// <returns>GGUF files, one entry for all parts of a divided one, and folders of Hugging Face models.</returns>
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
        return [.. files.Concat(folders).OrderBy(model => model.Name, StringComparer.Ordinal)];
    }

    /// <summary>The path of a model.</summary>
    /// <param name="name">A name that <see cref="List"/> gives, with or without <c>.gguf</c>, whatever its case.</param>
    /// <returns>Its path, or null where there is no such model.</returns>
    public string? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string plain = name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^".gguf".Length] : name;
        return List().FirstOrDefault(model => model.Name.Equals(plain, StringComparison.OrdinalIgnoreCase))?.Path;
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

    /// <summary>A file or folder as an entry of a list.</summary>
    internal static ModelEntry EntryOf(string name, string path)
    {
        var folder = new DirectoryInfo(path);
        if (folder.Exists)
            return new(name, path, folder.EnumerateFiles("*.safetensors").Sum(file => file.Length), folder.LastWriteTimeUtc);

        var file = new FileInfo(path);
        return new(name, path, file.Exists ? SizeOf(file) : 0, file.LastWriteTimeUtc);
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
public sealed record ModelEntry(string Name, string Path, long Bytes, DateTimeOffset Modified);
