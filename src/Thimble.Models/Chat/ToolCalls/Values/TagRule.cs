using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>How a call's name and parameters are marked in tags.</summary>
/// <param name="NameEnd">What ends the tool's name.</param>
/// <param name="Key">What opens a parameter, before its name.</param>
/// <param name="KeyEnd">What ends the parameter's name; after a quote, attributes may follow up to the bracket that ends the tag.</param>
/// <param name="Value">A mark of its own before the value; empty where the value follows the parameter's name.</param>
/// <param name="Shut">What ends the value.</param>
internal sealed record TagRule(string NameEnd, string Key, string KeyEnd, string Value, string Shut)
{
    private const string DataOpen = "<![CDATA[", DataShut = "]]>";

    /// <summary>Reads a call, the text between its opening and its closing mark.</summary>
    public IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        bool isOpen = NameEnd == Key;   // nothing but the first parameter ends the name
        int end = value.IndexOf(NameEnd, StringComparison.Ordinal);
        end = end < 0 && isOpen ? value.Length : end;
        if (end < 0 || value[..end].Trim() is not { Length: > 0 } name)
            return null;

        int at = isOpen ? end : end + NameEnd.Length;
        List<string> members = [];
        for (at = SkipSpace(value, at); at < value.Length; at = SkipSpace(value, at))
        {
            if (Member(value, ref at, tools.Parameters(name)) is not { } member)
                return null;
            members.Add(member);
        }

        return [new(name, $"{{{string.Join(", ", members)}}}")];
    }

    private string? Member(string text, ref int at, JsonElement? schema)
    {
        if (!Skips(text, Key, ref at) || Until(text, KeyEnd, ref at) is not { } key)
            return null;
        string? attributes = KeyEnd == "\"" ? Until(text, ">", ref at) : "";
        at = Value.Length > 0 ? SkipSpace(text, at) : at;
        if (attributes is null || !Skips(text, Value, ref at) || Until(text, Shut, ref at) is not { } value)
            return null;

        key = key.Trim();
        return $"{JsonTexts.Quote(key)}: {ToJson(Unwrapped(value), attributes, ToolSchemas.Property(schema, key))}";
    }

    private static string ToJson(string value, string attributes, JsonElement? schema)
    {
        if (value.StartsWith(DataOpen, StringComparison.Ordinal) && value.EndsWith(DataShut, StringComparison.Ordinal))
            return JsonTexts.Quote(value[DataOpen.Length..^DataShut.Length]);
        return attributes.Contains("string=\"true\"", StringComparison.Ordinal) ? JsonTexts.Quote(value)
            : attributes.Contains("string=\"false\"", StringComparison.Ordinal) ? ParameterValue.ToJson(value, null)
            : ParameterValue.ToJson(value, schema);
    }

    /// <summary>A value without the one line end on either side that some templates put there.</summary>
    private static string Unwrapped(string value) =>
        value.Length >= 2 && value[0] == '\n' && value[^1] == '\n' ? value[1..^1] : value;

    private static string? Until(string text, string mark, ref int at)
    {
        int end = text.IndexOf(mark, at, StringComparison.Ordinal);
        if (end < 0)
            return null;
        string before = text[at..end];
        at = end + mark.Length;
        return before;
    }

    private static bool Skips(string text, string mark, ref int at)
    {
        if (string.CompareOrdinal(text, at, mark, 0, mark.Length) != 0)
            return false;
        at += mark.Length;
        return true;
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }
}
