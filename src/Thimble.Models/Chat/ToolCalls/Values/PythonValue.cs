using System.Globalization;
using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Values and calls in Python's notation, such as <c>[f(a='x', b=[1, None])]</c>, turned into JSON.</summary>
/// <remarks>JSON's own words and quotes and bare keys are taken too: models mix them. What is neither is refused, not guessed at.</remarks>
internal sealed class PythonValue(string text)
{
    private const int Deepest = 64;

    private readonly StringBuilder _json = new();
    private int _at, _depth;

    /// <summary>A value as JSON; null where the text is none.</summary>
    public static string? ToJson(string text)
    {
        var reader = new PythonValue(text);
        return reader.Value() && reader.AtEnd() ? reader._json.ToString() : null;
    }

    /// <summary>The calls in a list of calls, or one call without the list; null where the text is neither.</summary>
    public static IReadOnlyList<ChatToolCall>? Calls(string text)
    {
        var reader = new PythonValue(text);
        List<ChatToolCall> calls = [];
        bool listed = reader.Skips('[');
        do
        {
            if (reader.Call() is not { } call)
                return null;
            calls.Add(call);
        }
        while (reader.Skips(',') && listed && !reader.Sees(']'));
        return (!listed || reader.Skips(']')) && reader.AtEnd() ? calls : null;
    }

    private ChatToolCall? Call()
    {
        string name = Word();
        _json.Clear();
        if (name.Length == 0 || !Skips('(') || !Members(')', '=', Word))
            return null;
        return new(name, _json.ToString());
    }

    private bool Value()
    {
        if (_depth >= Deepest || Space() >= text.Length)
            return false;
        char c = text[_at];
        if (c is '"' or '\'')
            return Text() is { } value && Wrote(JsonTexts.Quote(value));
        if (c is not ('[' or '(' or '{'))
            return Atom();

        _depth++;
        _at++;
        bool read = c == '{' ? Members('}', ':', () => Text() ?? Word()) : Items(c == '[' ? ']' : ')');
        _depth--;
        return read;
    }

    private bool Items(char close)
    {
        _json.Append('[');
        for (bool first = true; !Skips(close); first = false)
        {
            if (!first && (!Skips(',') || Skips(close)))
                return text[_at - 1] == close && Wrote("]");
            _json.Append(first ? "" : ", ");
            if (!Value())
                return false;
        }

        return Wrote("]");
    }

    /// <summary>Reads what stands between brackets as keys and values, and writes them as an object.</summary>
    private bool Members(char close, char between, Func<string?> readKey)
    {
        _json.Append('{');
        for (bool first = true; !Skips(close); first = false)
        {
            if (!first && (!Skips(',') || Skips(close)))
                return text[_at - 1] == close && Wrote("}");
            Space();
            if (readKey() is not { Length: > 0 } key || !Skips(between))
                return false;
            _json.Append(first ? "" : ", ").Append(JsonTexts.Quote(key)).Append(": ");
            if (!Value())
                return false;
        }

        return Wrote("}");
    }

    private bool Atom()
    {
        int start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '+' or '-' or '.' or '_'))
            _at++;
        string atom = text[start.._at];
        return atom switch
        {
            "True" or "true" => Wrote("true"),
            "False" or "false" => Wrote("false"),
            "None" or "null" => Wrote("null"),
            _ => Number(atom),
        };
    }

    private bool Number(string atom)
    {
        if (JsonTexts.Parse(atom) is not null)
            return Wrote(atom);
        return atom.Length > 0 && (char.IsAsciiDigit(atom[^1]) || atom[^1] == '.')
            && double.TryParse(atom, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            && Wrote(number.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>A text in either kind of quotes; null where none stands here or it does not end.</summary>
    private string? Text()
    {
        if (_at >= text.Length || text[_at] is not ('"' or '\''))
            return null;
        char quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] != '\\')
                value.Append(text[_at++]);
            else if (!Escape(value))
                return null;
        }

        return _at++ < text.Length ? value.ToString() : null;
    }

    private bool Escape(StringBuilder value)
    {
        if (_at + 1 >= text.Length)
            return false;
        char c = text[_at + 1];
        _at += 2;
        int digits = c switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0)
        {
            if (_at + digits > text.Length || !int.TryParse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
                return false;
            value.Append((char)code);
            _at += digits;
            return true;
        }

        _ = c switch
        {
            'n' => value.Append('\n'),
            't' => value.Append('\t'),
            'r' => value.Append('\r'),
            'b' => value.Append('\b'),
            'f' => value.Append('\f'),
            '\\' or '\'' or '"' or '/' => value.Append(c),
            _ => value.Append('\\').Append(c),   // as Python does
        };
        return true;
    }

    private string Word()
    {
        int start = Space();
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '.' or '-'))
            _at++;
        return text[start.._at];
    }

    private bool Skips(char c)
    {
        bool here = Sees(c);
        _at += here ? 1 : 0;
        return here;
    }

    private bool Sees(char c) => Space() < text.Length && text[_at] == c;

    private bool AtEnd() => Space() == text.Length;

    private int Space()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
        return _at;
    }

    private bool Wrote(string json)
    {
        _json.Append(json);
        return true;
    }
}
