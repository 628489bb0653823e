using System.Text.Json;

namespace Thimble.Lab.Evaluate;

/// <summary>A row of a data set that could not be used.</summary>
/// <param name="File">Its file, below the data folder.</param>
/// <param name="Number">Its number there, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BrokenRow(string File, int Number, string Reason);

/// <summary>One row of a data set, which remembers what was amiss with it.</summary>
/// <param name="data">Where broken rows are noted.</param>
/// <param name="file">Its file.</param>
/// <param name="number">Its number there, from 1.</param>
internal sealed class Row(Corpus data, string file, int number)
{
    /// <summary>Its cells, where the file is CSV.</summary>
    public string[] Cells { get; init; } = [];

    /// <summary>Its fields, where the file is JSON.</summary>
    public JsonElement Fields { get; init; }

    /// <summary>Its file without folder and ending.</summary>
    public string Source => Path.GetFileNameWithoutExtension(file);

    /// <summary>Its name among all rows.</summary>
    public string Id => $"{Source}/{number}";

    /// <summary>Notes that it cannot be used.</summary>
    public void Refuse(string reason) => data.Broken.Add(new(file, number, reason));

    /// <summary>A text field; null, and noted, where it is absent or empty.</summary>
    public string? Text(string name)
    {
        if (Fields.ValueKind == JsonValueKind.Object && Fields.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        Refuse($"the field '{name}' is missing or no text");
        return null;
    }

    /// <summary>A list of texts; null, and noted, where it is absent, empty or holds something else.</summary>
    public string[]? Texts(string name)
    {
        if (Fields.ValueKind == JsonValueKind.Object && Fields.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        Refuse($"the field '{name}' is missing or no list of texts");
        return null;
    }
}
