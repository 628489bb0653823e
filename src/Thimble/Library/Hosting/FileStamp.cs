namespace Thimble.Library;

/// <summary>The state of a model's files: their names, lengths and times. It changes when one is replaced.</summary>
/// <param name="Text">All of it, for comparing.</param>
internal readonly record struct FileStamp(string Text)
{
    /// <summary>The state of a file with the other parts of a divided one, of a folder, or of nothing.</summary>
    public static FileStamp Of(string? path)
    {
        if (path is null)
            return new("");

        IEnumerable<string> files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)
            : SplitName.Parse(path) is { } split ? Enumerable.Range(1, split.Count).Select(split.PathOf) : [path];
        return new(string.Join('\n', files.Select(One)));
    }

    private static string One(string path)
    {
        FileSystemInfo file = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
        return file is FileInfo { Exists: true } found ? $"{found.FullName}|{found.Length}|{found.LastWriteTimeUtc.Ticks}" : $"{path}|";
    }
}
