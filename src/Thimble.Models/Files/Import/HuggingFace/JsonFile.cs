using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>A JSON object in a file, whose mistakes are told with file and field; a null counts as absent.</summary>
internal sealed class JsonFile
{
    private readonly JsonElement _root;
    private readonly JsonFile? _below;

    private JsonFile(string path, JsonElement root, JsonFile? below = null) => (Path, _root, _below) = (path, root, below);

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is no JSON object.</exception>
    public static JsonFile Read(string path) =>
        Find(path) ?? throw new InvalidDataException($"There is no file '{path}'.");

    /// <summary>Reads a file, if it is there.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static JsonFile? Find(string path)
    {
        if (!File.Exists(path))
            return null;

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(path, document.RootElement.Clone())
                : throw new InvalidDataException($"'{path}' holds a JSON {document.RootElement.ValueKind}; expected an object.");
        }
        catch (JsonException damage)
        {
            throw new InvalidDataException($"'{path}' is no JSON: {damage.Message}", damage);
        }
    }

    /// <summary>The object in a field, if it is there.</summary>
    public JsonFile? FindObject(string field) => FindElement(field) is { ValueKind: JsonValueKind.Object } value ? new($"{Path}: {field}", value) : null;

    /// <summary>The first of several objects that is there, with the fields of this one where it has none; this one if none is.</summary>
    public JsonFile Inner(params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (FindElement(field) is { ValueKind: JsonValueKind.Object } value)
                return new(Path, value, this);
        }

        return this;
    }

    /// <summary>Any value, if it is there.</summary>
    public JsonElement? FindElement(string field) =>
        _root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : _below?.FindElement(field);

    /// <summary>The fields and their values.</summary>
    public IEnumerable<JsonProperty> Fields() => _root.EnumerateObject();

    /// <summary>The first of several fields that is there, as a whole number.</summary>
    public long? FindInteger(params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (FindElement(field) is { } value)
                return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long whole) ? whole : throw Mistyped(field, value, "a whole number");
        }

        return null;
    }

    /// <summary>The first of several fields that is there, as a size of 1 to 2^24.</summary>
    /// <exception cref="InvalidDataException">None is there, or it is outside.</exception>
    public int Size(params ReadOnlySpan<string> fields) => FindInteger(fields) is not { } value
        ? throw new InvalidDataException($"'{Path}' has no field '{fields[0]}'.")
        : value is > 0 and <= FileCursor.LargestDimension
            ? (int)value
            : throw new InvalidDataException($"'{Path}': '{fields[0]}' is {value}; expected 1 to {FileCursor.LargestDimension}.");

    /// <summary>The first of several fields that is there, as a number.</summary>
    public double? FindNumber(params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (FindElement(field) is { } value)
                return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Mistyped(field, value, "a number");
        }

        return null;
    }

    /// <summary>A flag, if it is there.</summary>
    public bool? FindFlag(string field) => FindElement(field) is { } value
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Mistyped(field, value, "true or false")
        : null;

    /// <summary>Text, if it is there.</summary>
    public string? FindText(string field) => FindElement(field) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Mistyped(field, value, "text")
        : null;

    /// <summary>Several numbers, if they are there.</summary>
    public double[]? FindNumbers(string field) => FindElement(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(one => one.GetDouble())]
            : throw Mistyped(field, value, "numbers");

    /// <summary>Several texts, if they are there.</summary>
    public string[]? FindTexts(string field) => FindElement(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(one => one.GetString()!)]
            : throw Mistyped(field, value, "texts");

    /// <summary>One whole number or several, if they are there.</summary>
    public long[]? FindIntegers(string field) => FindElement(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(One)],
        { } single => [One(single)],
    };

    private InvalidDataException Mistyped(string field, JsonElement value, string expected) =>
        new($"'{Path}': '{field}' is {value.ValueKind}; expected {expected}.");

    private long One(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long whole) ? whole : throw Mistyped("an id", value, "a whole number");
}
