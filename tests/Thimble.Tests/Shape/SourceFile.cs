using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Thimble.Tests.Shape;

/// <summary>A file of the repository as its author wrote it.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    private static readonly ConcurrentDictionary<string, SourceFile[]> s_read = new(StringComparer.Ordinal);
    private static readonly string[] s_outputs = ["artifacts", "publish", "bin", "obj", "TestResults", "node_modules"];

    /// <summary>Lines, the last one included if it is not empty.</summary>
    public int Lines => Text.Split('\n').Length - (Text.EndsWith('\n') ? 1 : 0);

    /// <summary>The text without comments, so that a rule on code does not bite on words about it.</summary>
    public string Code => Comments().Replace(Text, "");

    /// <summary>The project whose folder it lies in: the second part of its path.</summary>
    public string Project => Path.Split('/')[1];

    /// <summary>The C# files below a folder of the repository, by path from its root.</summary>
    public static SourceFile[] In(string folder) =>
        s_read.GetOrAdd(folder, folder => [.. All(folder).Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal))]);

    /// <summary>The files below a folder, without what builds and tools leave there.</summary>
    public static IEnumerable<SourceFile> All(string folder)
    {
        string full = System.IO.Path.Combine(Golden.Root, folder);
        if (!Directory.Exists(full))
            yield break;
        foreach (string path in Directory.EnumerateFiles(full).Order(StringComparer.Ordinal))
            yield return new(System.IO.Path.GetRelativePath(Golden.Root, path).Replace('\\', '/'), File.ReadAllText(path));
        foreach (string inner in Directory.EnumerateDirectories(full).Order(StringComparer.Ordinal))
        {
            string name = System.IO.Path.GetFileName(inner);
            if (name.StartsWith('.') || s_outputs.Contains(name))
                continue;
            foreach (SourceFile file in All(System.IO.Path.Combine(folder, name)))
                yield return file;
        }
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();
}
