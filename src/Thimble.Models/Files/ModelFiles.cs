using System.Collections.Immutable;

namespace Thimble.Models.Files;

/// <summary>The containers this build reads, each added by its own file.</summary>
internal static class ModelFiles
{
    private const int StartLength = 4096;

    private static ImmutableList<Reader<FileStart>> s_files = [];
    private static ImmutableList<Reader<string>> s_folders = [];

    /// <summary>Adds a reader of files. Its own file calls this when the assembly loads.</summary>
    /// <param name="name">What it reads, for messages.</param>
    /// <param name="recognises">Whether a file, by its name and first bytes, is one; it must not throw.</param>
    /// <param name="open">Opens one.</param>
    public static void Add(string name, Func<FileStart, bool> recognises, Func<string, ModelFile> open) =>
        s_files = s_files.Add(new(name, recognises, open));

    /// <summary>Adds a reader of folders.</summary>
    /// <param name="name">What it reads, for messages.</param>
    /// <param name="recognises">Whether a folder, by its path, is one; it must not throw.</param>
    /// <param name="open">Opens one.</param>
    public static void AddFolder(string name, Func<string, bool> recognises, Func<string, ModelFile> open) =>
        s_folders = s_folders.Add(new(name, recognises, open));

    /// <summary>Opens whatever a path leads to.</summary>
    /// <exception cref="FileNotFoundException">It leads nowhere.</exception>
    /// <exception cref="InvalidDataException">The file is empty or damaged.</exception>
    /// <exception cref="NotSupportedException">No reader takes it; the message says what it looks like and what is known.</exception>
    public static ModelFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? OpenFolder(path) : OpenFile(path);
    }

    private static ModelFile OpenFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file or folder '{path}'.", path);

        FileStart start = ReadStart(path);
        if (start.Length == 0)
            throw new InvalidDataException($"'{path}' is empty; expected a model.");

        return s_files.Find(reader => reader.Recognises(start))?.Open(path)
            ?? throw new NotSupportedException($"'{path}' is no model file that this build reads: {ForeignFile.Describe(start)} Known: {Names()}.");
    }

    private static ModelFile OpenFolder(string path)
    {
        if (s_folders.Find(reader => reader.Recognises(path)) is { } reader)
            return reader.Open(path);

        string[] inside = [.. Directory.EnumerateFiles(path, "*.gguf").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).Take(5)];
        throw new NotSupportedException(inside.Length == 0
            ? $"'{path}' is a folder without a model that this build reads. Known: {Names()}."
            : $"'{path}' is a folder; name the file in it to open, such as '{Path.Combine(path, inside[0])}' (it holds {string.Join(", ", inside)}).");
    }

    private static FileStart ReadStart(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        byte[] bytes = new byte[Math.Min(length, StartLength)];
        int read = RandomAccess.Read(file, bytes, 0);
        return new(path, bytes[..read], length);
    }

    private static string Names() =>
        string.Join(", ", s_files.Select(reader => reader.Name).Concat(s_folders.Select(reader => $"{reader.Name} (folder)")).Order(StringComparer.Ordinal));

    private sealed record Reader<T>(string Name, Func<T, bool> Recognises, Func<string, ModelFile> Open);
}

/// <summary>What a reader is shown of a file to recognise it by.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its first bytes: 4,096, or all if it has fewer.</param>
/// <param name="Length">Length of the whole file in bytes.</param>
internal sealed record FileStart(string Path, byte[] Bytes, long Length);
