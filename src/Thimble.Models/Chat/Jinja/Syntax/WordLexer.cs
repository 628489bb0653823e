using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Cuts the inside of a tag into names, literals and operators.</summary>
internal sealed class WordLexer(TemplateSource source, List<Token> tokens)
{
    private const string Singles = "+-/*%~[](){}<>=.:|,;";

    private static readonly string[] s_doubles = ["**", "//", "==", "!=", ">=", "<="];

    private readonly string _text = source.Text;
    private readonly Stack<char> _open = new();

    /// <summary>Reads up to a tag's end.</summary>
    /// <returns>Where that end stands, its sign included, or -1 where there is none.</returns>
    public int Read(int at, string close)
    {
        while (at < _text.Length)
        {
            if (_open.Count == 0 && IsClose(at, close))
                return at;
            char c = _text[at];
            at = c switch
            {
                var _ when PythonText.IsSpace(c) => at + 1,
                '\'' or '"' => Text(at),
                var _ when char.IsAsciiDigit(c) => Number(at),
                var _ when IsNamePart(c) => Name(at),
                _ => Symbol(at),
            };
        }
        return -1;
    }

    private bool IsClose(int at, string close)
    {
        if (_text[at] == '-' || (_text[at] == '+' && close == "%}"))
            at++;
        return string.CompareOrdinal(_text, at, close, 0, 2) == 0;
    }

    private static bool IsNamePart(char c) => c == '_' || char.IsLetterOrDigit(c);

    private void Add(TokenKind kind, string text, int at) => tokens.Add(new(kind, text, source.At(at)));

    private int Name(int at)
    {
        int end = at;
        while (end < _text.Length && IsNamePart(_text[end]))
            end++;
        Add(TokenKind.Name, _text[at..end], at);
        return end;
    }

    private int Number(int at)
    {
        int end = Digits(at);
        bool afterDot = at > 0 && _text[at - 1] == '.';
        bool isFloat = false;
        if (!afterDot && end + 1 < _text.Length && _text[end] == '.' && char.IsAsciiDigit(_text[end + 1]))
        {
            end = Digits(end + 1);
            isFloat = true;
        }
        if (!afterDot && end < _text.Length && _text[end] is 'e' or 'E')
        {
            int power = end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (power < _text.Length && char.IsAsciiDigit(_text[power]))
            {
                end = Digits(power);
                isFloat = true;
            }
        }
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, _text[at..end].Replace("_", "", StringComparison.Ordinal), at);
        return end;
    }

    private int Digits(int at)
    {
        while (at < _text.Length && (char.IsAsciiDigit(_text[at]) || _text[at] == '_'))
            at++;
        return at;
    }

    private int Symbol(int at)
    {
        foreach (string two in s_doubles)
        {
            if (string.CompareOrdinal(_text, at, two, 0, 2) == 0)
            {
                Add(TokenKind.Operator, two, at);
                return at + 2;
            }
        }
        char c = _text[at];
        if (!Singles.Contains(c, StringComparison.Ordinal))
            throw source.Fault(at, $"the character '{c}' means nothing inside a tag.");
        if (c is '(' or '[' or '{')
            _open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        else if (c is ')' or ']' or '}' && (!_open.TryPop(out char expected) || expected != c))
            throw source.Fault(at, $"'{c}' closes nothing that is open.");
        Add(TokenKind.Operator, c.ToString(), at);
        return at + 1;
    }

    private int Text(int at)
    {
        var text = new StringBuilder();
        char quote = _text[at];
        for (int i = at + 1; i < _text.Length; i++)
        {
            if (_text[i] == quote)
            {
                Add(TokenKind.String, text.ToString(), at);
                return i + 1;
            }
            if (_text[i] != '\\' || i + 1 == _text.Length)
                text.Append(_text[i]);
            else
                i = Escape(i + 1, text);
        }
        throw source.Fault(at, $"a string has no end {quote}.");
    }

    /// <summary>Reads an escape after its backslash, as Python's <c>unicode-escape</c> does, and gives the index of its last character.</summary>
    private int Escape(int at, StringBuilder text)
    {
        const string Letters = "abfnrtv\\'\"", Meanings = "\a\b\f\n\r\t\v\\'\"";
        char c = _text[at];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            int end = Math.Min(at + 1 + digits, _text.Length);
            if (!int.TryParse(_text[(at + 1)..end], System.Globalization.NumberStyles.AllowHexSpecifier, null, out int code) || code is < 0 or > 0x10ffff)
                throw source.Fault(at, $"'\\{c}' wants {digits} hexadecimal digits.");
            text.Append(code is >= 0x10000 ? char.ConvertFromUtf32(code) : ((char)code).ToString());
            return at + digits;
        }
        if (c is >= '0' and <= '7')
        {
            int code = 0, end = at;
            for (; end < _text.Length && end < at + 3 && _text[end] is >= '0' and <= '7'; end++)
                code = (code * 8) + (_text[end] - '0');
            text.Append((char)code);
            return end - 1;
        }
        int known = Letters.IndexOf(c, StringComparison.Ordinal);
        if (known >= 0)
            text.Append(Meanings[known]);
        else if (c != '\n')
            text.Append('\\').Append(c);
        return at;
    }
}
