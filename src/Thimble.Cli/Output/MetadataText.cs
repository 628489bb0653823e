using System.Globalization;
using System.Text.Json.Nodes;
using Thimble.Models.Files;

namespace Thimble.Cli.Output;

/// <summary>Metadata as text and as JSON. Vocabularies are counted, not listed.</summary>
internal static class MetadataText
{
    private const int ShownElements = 8, ListedElements = 64;

    /// <summary>A value in at most so many characters.</summary>
    public static string Short(Metadata metadata, string key, int longest)
    {
        string text = !metadata.TryGet(key, out object? value) ? "" : value switch
        {
            MetadataArray array => Short(array),
            string said => said.ReplaceLineEndings("\\n"),
            bool flag => flag ? "true" : "false",
            double number => Number(number),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length <= longest ? text : $"{text[..(longest - 1)]}…";
    }

    /// <summary>All values; an array of more than 64 elements as its count.</summary>
    public static JsonObject Json(Metadata metadata)
    {
        var json = new JsonObject();
        foreach (string key in metadata.Keys)
            json[key] = metadata.TryGet(key, out object? value) ? Node(value) : null;
        return json;
    }

    private static string Short(MetadataArray array)
    {
        if (array.Count > ListedElements)
            return $"{array.Count} values";
        string[] shown = [.. Elements(array).Take(ShownElements).Select(element => element?.ToJsonString() ?? "")];
        return $"[{string.Join(", ", shown)}{(array.Count > ShownElements ? $", … {array.Count} in all" : "")}]";
    }

    private static JsonNode? Node(object value) => value switch
    {
        MetadataArray { Count: > ListedElements } array => new JsonObject { ["count"] = array.Count },
        MetadataArray array => new JsonArray([.. Elements(array)]),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        long whole => JsonValue.Create(whole),
        ulong whole => JsonValue.Create(whole),
        double number => Node(number),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    // A file's numbers are mostly of 32 bits; as 64 they would show digits that nobody wrote.
    private static string Number(double number) => (float)number == number
        ? ((float)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);

    private static JsonValue Node(double number) => !double.IsFinite(number) ? JsonValue.Create(Number(number))
        : (float)number == number ? JsonValue.Create((float)number)
        : JsonValue.Create(number);

    /// <summary>The elements, of whatever type: an array says what it is only by refusing what it is not.</summary>
    private static IEnumerable<JsonNode?> Elements(MetadataArray array)
    {
        if (Try(array.Texts) is { } texts)
            return texts.Select(text => (JsonNode?)JsonValue.Create(text));
        if (Try(array.Flags) is { } flags)
            return flags.Select(flag => (JsonNode?)JsonValue.Create(flag));
        if (Try(array.Integers) is { } wholes)
            return wholes.Select(whole => (JsonNode?)JsonValue.Create(whole));
        if (Try(array.Numbers) is { } numbers)
            return numbers.Select(number => (JsonNode?)Node(number));
        return array.Arrays().Select(inner => (JsonNode?)new JsonArray([.. Elements(inner)]));
    }

    private static T[]? Try<T>(Func<T[]> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
