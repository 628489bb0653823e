using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>JSON as models write it: strict JSON, but that line ends and other control characters may stand in its texts.</summary>
internal static class JsonTexts
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 128 };

    /// <summary>Reads a JSON text; null where it is none.</summary>
    public static JsonElement? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(Mended(json), s_options);
            return document.RootElement.Clone();
        }
        catch (JsonException)   // JsonDocument cannot be asked first; what is no JSON is text, an expected outcome
        {
            return null;
        }
    }

    /// <summary>The text in a JSON value; null where it is no text.</summary>
    public static string? Text(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A text as JSON writes it, with its quotes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (int i = 0; i < text.Length; i++)
            Append(quoted, text, i, text[i] is '"' or '\\' ? "\\" : "");
        return quoted.Append('"').ToString();
    }

    /// <summary>Escapes what strict JSON does not allow in texts, and turns halves of surrogate pairs into the sign for what is lost.</summary>
    private static string Mended(string json)
    {
        if (!json.Any(c => c < ' ' || char.IsSurrogate(c)) && !json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            return json;

        var mended = new StringBuilder(json.Length + 16);
        bool inside = false, escaped = false;
        for (int i = 0; i < json.Length; i++)
        {
            if (inside && escaped && IsHalf(json, i))
            {
                mended.Append("ufffd");
                (i, escaped) = (i + 4, false);
                continue;
            }

            if (inside)
                Append(mended, json, i, "");
            else
                mended.Append(char.IsSurrogate(json[i]) ? '?' : json[i]);   // JSON has none there: it stays none
            if (inside && escaped && Unit(json, i) is { } unit && char.IsHighSurrogate(unit))
            {
                mended.Append(json, i + 1, 10);   // the whole pair: its second half is not looked at alone
                i += 10;
            }

            inside ^= json[i] == '"' && !escaped;
            escaped = inside && json[i] == '\\' && !escaped;
        }

        return mended.ToString();
    }

    /// <summary>Whether a <c>uXXXX</c> here, after its backslash, is a surrogate without the other.</summary>
    private static bool IsHalf(string json, int at) =>
        Unit(json, at) is { } unit && char.IsSurrogate(unit)
        && !(char.IsHighSurrogate(unit) && at + 5 < json.Length && json[at + 5] == '\\' && Unit(json, at + 6) is { } second && char.IsLowSurrogate(second));

    private static char? Unit(string json, int at) =>
        at + 4 < json.Length && json[at] == 'u' && ushort.TryParse(json.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit)
            ? (char)unit
            : null;

    /// <summary>Appends a character of a text inside quotes: control characters as escapes, half a surrogate pair as the sign for what is lost.</summary>
    private static void Append(StringBuilder to, string text, int i, string before)
    {
        char c = text[i];
        bool whole = !char.IsSurrogate(c)
            || (char.IsHighSurrogate(c) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]));
        if (c < ' ')
            to.Append(c switch { '\n' => "\\n", '\t' => "\\t", '\r' => "\\r", _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") });
        else
            to.Append(before).Append(whole ? c : '\uFFFD');
    }
}
