using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Thimble.Tests.Library.Grammar;

/// <summary>The cases of the JSON Schema test suite, and JSON in its canonical text.</summary>
internal static class SchemaSuite
{
    /// <summary>The folder of a draft.</summary>
    public static string Folder(string draft) => Golden.Shared($"data/json-schema-test-suite/tests/{draft}");

    /// <summary>All groups of a file.</summary>
    public static IEnumerable<(string Name, JsonElement Schema, JsonElement Tests)> Groups(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (JsonElement group in document.RootElement.Clone().EnumerateArray())
            yield return (group.GetProperty("description").GetString()!, group.GetProperty("schema"), group.GetProperty("tests"));
    }

    /// <summary>JSON without white space, keys in their order, numbers without exponent and needless zeros, texts with what must be escaped.</summary>
    public static string Canonical(JsonElement value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    text.Append(text[^1] == '{' ? "" : ",");
                    Write(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                int count = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(count++ == 0 ? "" : ",");
                    Write(item, text);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                Write(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Thimble.Grammar.NumberTerms.Shortest(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void Write(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (char c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }

        text.Append('"');
    }
}
