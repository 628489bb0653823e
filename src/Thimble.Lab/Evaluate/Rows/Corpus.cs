using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Thimble.Lab.Evaluate;

/// <summary>A file that questions were read from.</summary>
/// <param name="Name">Its name below the data folder.</param>
/// <param name="Sha256">The hash of its bytes, hexadecimal.</param>
/// <param name="Bytes">Its length.</param>
public sealed record CorpusFile(string Name, string Sha256, long Bytes);

/// <summary>The files of one data set: what is read is hashed, and what is broken is noted.</summary>
internal sealed class Corpus
{
    private readonly string _root;

    /// <summary>Finds a data set.</summary>
    /// <param name="folder">The folder that data sets lie in.</param>
    /// <param name="name">The set's own folder, there or below <c>evaluation-only</c>.</param>
    /// <param name="origin">Where it can be had, a sentence.</param>
    /// <exception cref="DirectoryNotFoundException">It is not there; the message says where it comes from.</exception>
    public Corpus(string folder, string name, string origin)
    {
        string[] places = [Path.Combine(folder, name), Path.Combine(folder, "evaluation-only", name)];
        _root = Array.Find(places, Directory.Exists) ?? throw new DirectoryNotFoundException(
            $"There is no folder '{name}' in '{folder}', and this data is not shipped. {origin} Put it there, or name another folder with --data.");
        Origin = origin;
    }

    /// <summary>Where it can be had.</summary>
    public string Origin { get; }

    /// <summary>Files that were read.</summary>
    public List<CorpusFile> Files { get; } = [];

    /// <summary>Rows that could not be used.</summary>
    public List<BrokenRow> Broken { get; } = [];

    /// <summary>Files by a pattern such as <c>test/*.csv</c>, in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public IReadOnlyList<string> Named(string pattern)
    {
        string folder = Path.Combine(_root, Path.GetDirectoryName(pattern)!);
        string[] found = Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(pattern)) : [];
        return found.Length > 0
            ? [.. found.Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal)]
            : throw new FileNotFoundException($"There is no file '{pattern}' in '{_root}'. {Origin}", Path.Combine(_root, pattern));
    }

    /// <summary>Whether a file is there.</summary>
    public bool Has(string name) => File.Exists(Path.Combine(_root, name));

    /// <summary>A file's text; <c>.gz</c> is unpacked.</summary>
    public string Text(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(_root, Named(name)[0]));
        if (Files.TrueForAll(file => file.Name != name))
            Files.Add(new(name, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
            : new MemoryStream(bytes);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The rows of a CSV file.</summary>
    /// <param name="name">The file.</param>
    /// <param name="head">A first line behind which all texts are quoted and quotes are not doubled; null for none.</param>
    public IEnumerable<Row> Csv(string name, string? head = null)
    {
        string text = Text(name);
        IEnumerable<(int Line, string[] Cells)> rows = head is not null && text.StartsWith(head + '"', StringComparison.Ordinal)
            ? Evaluate.Csv.ReadUndoubled(text[head.Length..], text.AsSpan(0, head.Length).Count('\n') + 1)
            : Evaluate.Csv.Read(text);
        return rows.Select(row => new Row(this, name, row.Line) { Cells = row.Cells });
    }

    /// <summary>The rows of a file with one JSON object a line.</summary>
    public IEnumerable<Row> JsonLines(string name)
    {
        int number = 0;
        foreach (string line in Text(name).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && Parsed(name, number, line) is { } fields)
                yield return new Row(this, name, number) { Fields = fields };
        }
    }

    /// <summary>The rows of a JSON file: its list, or the list in one of its fields.</summary>
    public IEnumerable<Row> Json(string name, string? field = null)
    {
        if (Parsed(name, 1, Text(name)) is not { } whole)
            return [];
        JsonElement list = field is not null && whole.ValueKind == JsonValueKind.Object && whole.TryGetProperty(field, out JsonElement inner) ? inner : whole;
        if (list.ValueKind == JsonValueKind.Array)
            return list.EnumerateArray().Select((fields, i) => new Row(this, name, i + 1) { Fields = fields });
        Broken.Add(new(name, 1, field is null ? "the file is no list" : $"the file has no list '{field}'"));
        return [];
    }

    private JsonElement? Parsed(string name, int number, string text)
    {
        // What a file holds is the file's affair: a broken row is a result, not an exception.
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            Broken.Add(new(name, number, $"no JSON: {fault.Message}"));
            return null;
        }
    }
}
