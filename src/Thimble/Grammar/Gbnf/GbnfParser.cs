using System.Globalization;
using System.Text;

namespace Thimble.Grammar;

/// <summary>Parses grammars as llama.cpp writes them.</summary>
/// <remarks>Source: llama.cpp, GBNF guide. Tokens may be asked for by name, as in <c>&lt;think&gt;</c>, but not by number, nor negated.</remarks>
internal sealed class GbnfParser
{
    private const int DeepestGroup = 200, MostRepeats = 10_000;

    private readonly string _text;
    private readonly Dictionary<string, RegexNode> _rules = new(StringComparer.Ordinal);
    private int _at, _depth;

    private GbnfParser(string text) => _text = text;

    private char Here => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Parses a grammar.</summary>
    /// <returns>What each rule says, by name.</returns>
    /// <exception cref="ArgumentException">It is none; the message names the line.</exception>
    /// <exception cref="NotSupportedException">It asks for tokens by number.</exception>
    public static Dictionary<string, RegexNode> Parse(string text)
    {
        var parser = new GbnfParser(text);
        parser.Space(lines: true);
        while (parser._at < text.Length)
            parser.Rule();
        return parser._rules;
    }

    private void Rule()
    {
        string name = Name();
        Space(lines: false);
        if (!_text.AsSpan(_at).StartsWith("::=", StringComparison.Ordinal))
            throw Wrong("expected '::=' behind a rule's name");
        _at += 3;
        Space(lines: true);
        if (!_rules.TryAdd(name, Choice(grouped: false)))
            throw Wrong($"the rule '{name}' is defined twice");
        if (_at < _text.Length && Here is not ('\n' or '\r'))
            throw Wrong($"'{Here}' is not expected here");
        Space(lines: true);
    }

    private RegexNode Choice(bool grouped)
    {
        if (++_depth > DeepestGroup)
            throw Wrong($"groups are nested deeper than {DeepestGroup}");
        List<RegexNode> parts = [Row(grouped)];
        while (Here == '|')
        {
            _at++;
            Space(lines: true);
            parts.Add(Row(grouped));
        }

        _depth--;
        return parts.Count == 1 ? parts[0] : new RegexNode.Choice(parts);
    }

    private RegexNode.Row Row(bool grouped)
    {
        List<RegexNode> parts = [];
        while (Item() is { } item)
        {
            Space(grouped);
            while (Repeated(ref item))
                Space(grouped);
            parts.Add(item);
        }

        return new(parts);
    }

    private RegexNode? Item()
    {
        switch (Here)
        {
            case '"':
                return Literal();
            case '[':
                return Class();
            case '.':
                _at++;
                return new RegexNode.One(Characters.All);
            case '(':
                _at++;
                Space(lines: true);
                RegexNode group = Choice(grouped: true);
                if (Here != ')')
                    throw Wrong("expected ')'");
                _at++;
                return group;
            case '<':
                return Mark();
            case '!':
                throw new NotSupportedException($"The grammar negates a token at line {Line()}; this build knows literals, classes, '.', groups, rules, tokens by name, and ? * + {{m,n}}.");
            case var c when IsName(c):
                return new RegexNode.Call(Name());
            default:
                return null;
        }
    }

    private bool Repeated(ref RegexNode item)
    {
        (int least, int most) = (0, Term.Unbounded);
        switch (Here)
        {
            case '*':
                break;
            case '+':
                least = 1;
                break;
            case '?':
                most = 1;
                break;
            case '{':
                _at++;
                Space(lines: false);
                least = Count() ?? 0;
                Space(lines: false);
                most = least;
                if (Here == ',')
                {
                    _at++;
                    Space(lines: false);
                    most = Count() ?? Term.Unbounded;
                    Space(lines: false);
                }

                if (Here != '}' || most < least)
                    throw Wrong("expected '{m}', '{m,}' or '{m,n}'");
                break;
            default:
                return false;
        }

        _at++;
        item = new RegexNode.Repeat(item, least, most);
        return true;
    }

    private int? Count()
    {
        int start = _at;
        while (char.IsAsciiDigit(Here))
            _at++;
        if (start == _at)
            return null;
        return int.TryParse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out int count) && count <= MostRepeats
            ? count
            : throw Wrong($"a count above {MostRepeats}");
    }

    private RegexNode.Row Literal()
    {
        List<RegexNode> characters = [];
        for (_at++; Here != '"';)
            characters.Add(new RegexNode.One(Characters.Of(Character())));
        _at++;
        return new(characters);
    }

    private RegexNode.One Class()
    {
        _at++;
        bool negated = Here == '^';
        if (negated)
            _at++;
        List<(int, int)> ranges = [];
        while (Here != ']')
        {
            int first = Character(), last = first;
            if (Here == '-' && _at + 1 < _text.Length && _text[_at + 1] != ']')
            {
                _at++;
                last = Character();
            }

            if (last < first)
                throw Wrong("a range whose ends are swapped");
            ranges.Add((first, last));
        }

        _at++;
        var set = Characters.Of(ranges);
        return new(negated ? ~set : set);
    }

    private RegexNode.Mark Mark()
    {
        int end = _text.IndexOf('>', _at);
        if (end < 0)
            throw Wrong("a '<' without its '>'");
        string name = _text[_at..(end + 1)];
        if (name.StartsWith("<[", StringComparison.Ordinal))
            throw new NotSupportedException($"The grammar asks for a token by number at line {Line()}; name the token, as in '<think>'.");
        _at = end + 1;
        return new(name);
    }

    private int Character()
    {
        if (_at >= _text.Length)
            throw Wrong("a text or class is not closed");
        if (Here != '\\')
        {
            Rune.DecodeFromUtf16(_text.AsSpan(_at), out Rune rune, out int used);
            _at += used;
            return rune.Value;
        }

        _at += 2;
        return _text.ElementAtOrDefault(_at - 1) switch
        {
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            '\0' => throw Wrong("a backslash at its end"),
            var c when char.IsAsciiLetterOrDigit(c) => throw Wrong($"the unknown escape '\\{c}'"),
            var c => c,
        };
    }

    private int Hex(int digits)
    {
        if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || value is < 0 or > Characters.Last)
            throw Wrong($"an escape without its {digits} hexadecimal digits");
        _at += digits;
        return value;
    }

    private string Name()
    {
        int start = _at;
        while (IsName(Here))
            _at++;
        return _at > start ? _text[start.._at] : throw Wrong("expected a rule's name");
    }

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private void Space(bool lines)
    {
        for (; ; _at++)
        {
            if (Here == '#')
            {
                while (_at < _text.Length && Here is not ('\n' or '\r'))
                    _at++;
            }

            if (Here is not (' ' or '\t') && !(lines && Here is '\n' or '\r'))
                return;
            if (!lines && Here is '\n' or '\r')
                return;
        }
    }

    private int Line() => 1 + _text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n');

    private ArgumentException Wrong(string what) => new($"The grammar is wrong at line {Line()}: {what}.");
}
