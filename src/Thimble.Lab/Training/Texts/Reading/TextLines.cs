using System.IO.Compression;

namespace Thimble.Lab.Training;

/// <summary>The lines of text files, compressed ones too.</summary>
internal static class TextLines
{
    /// <summary>A file's whole text.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string All(string path)
    {
        using StreamReader reader = Open(path);
        return reader.ReadToEnd();
    }

    /// <summary>Lines with their numbers from 1 on, empty ones left out.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static IEnumerable<(int Number, string Text)> Of(string path)
    {
        using StreamReader reader = Open(path);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
                yield return (number, line);
        }
    }

    /// <summary>Opens a file, a compressed one too.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static StreamReader Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' is not there. A recipe's paths are seen from the recipe's own folder.", path);
        Stream stream = File.OpenRead(path);
        return new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
    }
}
