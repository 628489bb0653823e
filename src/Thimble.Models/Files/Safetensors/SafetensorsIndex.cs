using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>Which file holds which tensor of a model that was cut: <c>model.safetensors.index.json</c>.</summary>
internal sealed class SafetensorsIndex
{
    private const int Depth = 16;

    private readonly string _path;
    private readonly OrderedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>Reads an index file.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no index, or names a file outside its folder.</exception>
    public SafetensorsIndex(string path)
        : this(path, ReadAll(path))
    {
    }

    /// <summary>Reads an index that lies in memory.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="text">Its JSON.</param>
    public SafetensorsIndex(string path, ReadOnlySpan<byte> text)
    {
        _path = path;
        bool found = false;
        try
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = Depth });
            found = Read(ref json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The JSON reader has exceptions of its own; the caller is promised ours, which name the file.
            throw new InvalidDataException($"'{path}' is no valid JSON: {e.Message}", e);
        }

        if (!found)
            throw Invalid("has no 'weight_map'; expected an index of safetensors files");
    }

    /// <summary>The tensors listed, in order.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>The files named, each once, in order of their names.</summary>
    public IEnumerable<string> Files => _files.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The file that holds a tensor, or null if it is not listed.</summary>
    public string? FileOf(string name) => _files.GetValueOrDefault(name);

    private bool Read(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Invalid("is no object");

        bool found = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isMap = json.ValueTextEquals("weight_map"u8);
            json.Read();
            if (!isMap)
                json.Skip();
            else if (json.TokenType != JsonTokenType.StartObject)
                throw Invalid("has a 'weight_map' that is no object");
            else
                ReadMap(ref json);
            found |= isMap;
        }

        while (json.Read())
            ;   // whatever follows the object is an error, which the reader finds
        return found;
    }

    private void ReadMap(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            string file = json.TokenType == JsonTokenType.String ? json.GetString()! : "";

            // A name with a folder in it could lead anywhere on the disk.
            if (file.Length == 0 || file.AsSpan().ContainsAny('/', '\\', '\0') || file is "." or "..")
                throw Invalid($"puts tensor '{name}' in '{file}'; expected the name of a file beside it");
            if (!_files.TryAdd(name, file))
                throw Invalid($"lists tensor '{name}' twice");
        }
    }

    private InvalidDataException Invalid(string problem) => new($"'{_path}' {problem}.");

    private static byte[] ReadAll(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? throw new FileNotFoundException($"There is no file '{path}'.", path)
            : file.Length > SafetensorsHeader.Limit ? throw new InvalidDataException($"'{path}' has {file.Length} bytes; at most {SafetensorsHeader.Limit} of an index are read.")
            : File.ReadAllBytes(path);
    }
}
