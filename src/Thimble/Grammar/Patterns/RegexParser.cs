using System.Text;

namespace Thimble.Grammar;

/// <summary>Parses regular expressions as ECMAScript writes them, with Unicode mode on.</summary>
/// <remarks>Source: ECMA-262, 2024, section 22.2.1. Left out, and refused: back references, look-behind, <c>\b</c>, <c>\B</c>.
/// Lazy quantifiers match what greedy ones do. <c>(?i)</c> at the beginning is taken, too.</remarks>
internal sealed class RegexParser
{
    private const int DeepestGroup = 200, MostRepeats = 100_000;

    private readonly string _text;
    private readonly int[] _runes;
    private int _at, _depth;
    private bool _anyCase;

    private RegexParser(string text) => (_text, _runes) = (text, [.. text.EnumerateRunes().Select(rune => rune.Value)]);

    private bool Ended => _at == _runes.Length;

    private int Here => Ended ? -1 : _runes[_at];

    /// <summary>Parses an expression.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It uses what no automaton can follow.</exception>
    public static RegexNode Parse(string text)
    {
        var parser = new RegexParser(text);
        if (text.StartsWith("(?i)", StringComparison.Ordinal))
            (parser._anyCase, parser._at) = (true, 4);
        RegexNode node = parser.Choice();
        return parser.Ended ? node : throw parser.Wrong("an unmatched ')'");
    }

    private RegexNode Choice()
    {
        if (++_depth > DeepestGroup)
            throw new NotSupportedException($"The regular expression nests groups deeper than {DeepestGroup}: '{Cut(_text)}'.");
        List<RegexNode> parts = [Row()];
        while (Accept('|'))
            parts.Add(Row());
        _depth--;
        return parts.Count == 1 ? parts[0] : new RegexNode.Choice(parts);
    }

    private RegexNode.Row Row()
    {
        List<RegexNode> parts = [];
        while (!Ended && Here is not ('|' or ')'))
            parts.Add(Quantified(Atom()));
        return new(parts);
    }

    private RegexNode Quantified(RegexNode atom)
    {
        (int least, int most) = (1, 1);
        if (Accept('*'))
            (least, most) = (0, Term.Unbounded);
        else if (Accept('+'))
            (least, most) = (1, Term.Unbounded);
        else if (Accept('?'))
            (least, most) = (0, 1);
        else if (Here == '{' && Counts() is { } counts)
            (least, most) = counts;
        else
            return atom;

        Accept('?');
        if (Here is '*' or '+' or '?')
            throw Wrong("a quantifier of a quantifier");
        return new RegexNode.Repeat(atom, least, most);
    }

    /// <summary>The counts in braces; null where the brace stands for itself.</summary>
    private (int Least, int Most)? Counts()
    {
        int start = _at++;
        int? least = Count();
        int? most = least;
        if (least is not null && Accept(','))
            most = Count() ?? Term.Unbounded;
        if (least is null || !Accept('}'))
        {
            _at = start;
            return null;
        }

        return least <= most ? (least.Value, most!.Value) : throw Wrong("a quantifier whose bounds are swapped");
    }

    private int? Count()
    {
        int start = _at;
        long count = 0;
        while (Here is >= '0' and <= '9')
            count = Math.Min(int.MaxValue, (10 * count) + _runes[_at++] - '0');
        return count > MostRepeats
            ? throw new NotSupportedException($"The regular expression '{Cut(_text)}' repeats a part {count} times; at most {MostRepeats} are supported.")
            : _at == start ? null : (int)count;
    }

    private RegexNode Atom()
    {
        int c = _runes[_at++];
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                return One(Class());
            case '.':
                return One(Characters.NoLineEnds);
            case '^':
                return new RegexNode.Edge(IsEnd: false);
            case '$':
                return new RegexNode.Edge(IsEnd: true);
            case '*' or '+' or '?':
                throw Wrong("a quantifier of nothing");
            case '\\' when Here is 'b' or 'B':
                throw Unknown($"\\{(char)Here} (a word boundary)");
            case '\\' when Here is >= '1' and <= '9' or 'k':
                throw Unknown("a back reference");
            case '\\' when Here == 'A':
                _at++;
                return new RegexNode.Edge(IsEnd: false);
            case '\\' when Here is 'z' or 'Z':
                _at++;
                return new RegexNode.Edge(IsEnd: true);
            case '\\':
                return One(Escape());
            default:
                return One(Characters.Of(c));
        }
    }

    private RegexNode.One One(Characters set) => new(_anyCase ? set.AnyCase() : set);

    private RegexNode Group()
    {
        if (!Accept('?'))
            return Close(Choice());
        if (Accept(':'))
            return Close(Choice());
        if (Accept('='))
            return new RegexNode.Look(Close(Choice()), IsNegative: false);
        if (Accept('!'))
            return new RegexNode.Look(Close(Choice()), IsNegative: true);
        if (Accept('P') || Here == '<')
        {
            _at++;
            if (Here is '=' or '!')
                throw Unknown("a look-behind");
            while (!Ended && Here != '>')
                _at++;
            Expect('>');
            return Close(Choice());
        }

        throw Unknown("this kind of group");
    }

    private RegexNode Close(RegexNode node)
    {
        Expect(')');
        return node;
    }

    private Characters Class()
    {
        bool negated = Accept('^');
        List<(int, int)> ranges = [];
        Characters sets = Characters.None;
        while (Here != ']')
        {
            if (Ended)
                throw Wrong("an unclosed class");
            (int single, Characters? set) = Item();
            if (set is not null)
            {
                sets |= set;
                continue;
            }

            int last = single;
            if (Here == '-' && _at + 1 < _runes.Length && _runes[_at + 1] != ']')
            {
                _at++;
                (last, Characters? end) = Item();
                if (end is not null)
                {
                    // A class cannot end a range: then the dash stands for itself.
                    (last, sets) = (single, sets | end | Characters.Of('-'));
                }
            }

            if (last < single)
                throw Wrong("a range whose ends are swapped");
            ranges.Add((single, last));
        }

        _at++;
        Characters all = sets | Characters.Of(ranges);
        if (_anyCase)
            all = all.AnyCase();
        return negated ? ~all : all;
    }

    private (int Single, Characters? Set) Item()
    {
        int c = _runes[_at++];
        if (c != '\\')
            return (c, null);
        if (Accept('b'))
            return ('\b', null);
        Characters set = Escape();
        return set.Ranges is [var (first, last)] && first == last ? (first, null) : (-1, set);
    }

    private Characters Escape()
    {
        if (Ended)
            throw Wrong("a backslash at its end");
        int c = _runes[_at++];
        return c switch
        {
            'd' => Characters.Digits,
            'D' => ~Characters.Digits,
            'w' => Characters.Words,
            'W' => ~Characters.Words,
            's' => Characters.Spaces,
            'S' => ~Characters.Spaces,
            'n' => Characters.Of('\n'),
            'r' => Characters.Of('\r'),
            't' => Characters.Of('\t'),
            'f' => Characters.Of('\f'),
            'v' => Characters.Of('\v'),
            '0' => Characters.Of(0),
            'a' => Characters.Of(7),
            'e' => Characters.Of(27),
            'c' when Here is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => Characters.Of(_runes[_at++] % 32),
            'x' => Characters.Of(Hex(2)),
            'u' => Characters.Of(Accept('{') ? HexInBraces() : Unit()),
            'p' or 'P' => Property(c == 'P'),
            _ when c < 128 && char.IsAsciiLetterOrDigit((char)c) => throw Wrong($"the unknown escape '\\{(char)c}'"),
            _ => Characters.Of(c),
        };
    }

    private int Unit()
    {
        int high = Hex(4);
        if (high is >= 0xD800 and < 0xDC00 && Here == '\\' && _at + 1 < _runes.Length && _runes[_at + 1] == 'u')
        {
            _at += 2;
            int low = Hex(4);
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }

        return high;
    }

    private Characters Property(bool negated)
    {
        Expect('{');
        var name = new StringBuilder();
        while (!Ended && Here != '}')
            name.Append(new Rune(_runes[_at++]));
        Expect('}');
        Characters set = Characters.Property(name.ToString()) ?? throw Unknown($"the property '{name}' (known are general categories)");
        return negated ? ~set : set;
    }

    private int HexInBraces()
    {
        int start = _at;
        while (!Ended && Here != '}')
            _at++;
        int length = _at - start;
        _at = start;
        int value = Hex(length);
        Expect('}');
        return value;
    }

    private int Hex(int digits)
    {
        int value = 0;
        for (int i = 0; i < digits; i++)
        {
            if (Ended || Here > 127 || !char.IsAsciiHexDigit((char)Here) || value > Characters.Last)
                throw Wrong("a hexadecimal escape without its digits");
            value = (16 * value) + Convert.ToInt32(((char)_runes[_at++]).ToString(), 16);
        }

        return value;
    }

    private bool Accept(char c)
    {
        if (Here != c)
            return false;
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Accept(c))
            throw Wrong($"no '{c}' where one is expected");
    }

    private static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private ArgumentException Wrong(string what) => new($"The regular expression '{Cut(_text)}' has {what}, at character {_at}.");

    private NotSupportedException Unknown(string what) =>
        new($"The regular expression '{Cut(_text)}' uses {what}, at character {_at}; supported are characters, classes, \\d \\w \\s \\p, groups, |, quantifiers, ^, $ and look-ahead.");
}
