using System.Globalization;
using System.Text;

namespace Thimble.Models.Tokens;

/// <summary>Parses the regular expressions tokenizers split words with.</summary>
/// <remarks>Knows alternation, groups, classes with <c>\p{..}</c>, nesting and <c>&amp;&amp;</c>, greedy, lazy and possessive
/// quantifiers, atomic groups, <c>(?i)</c>, look-ahead, <c>^ $ \b</c>. Captures are mere groups.</remarks>
internal sealed class PatternParser
{
    private readonly string _pattern;
    private readonly int[] _runes;
    private int _at;
    private bool _anyCase;

    private PatternParser(string pattern) => (_pattern, _runes) = (pattern, [.. pattern.EnumerateRunes().Select(rune => rune.Value)]);

    private bool Ended => _at == _runes.Length;

    private int Here => Ended ? -1 : _runes[_at];

    /// <exception cref="NotSupportedException">The pattern uses what this parser does not know.</exception>
    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        PatternNode node = parser.Choice();
        return parser.Ended ? node : throw parser.Unknown("an unmatched ')'");
    }

    private PatternNode.Choice Choice()
    {
        bool anyCase = _anyCase;
        var parts = new List<PatternNode> { Row() };
        while (Accept('|'))
            parts.Add(Row());
        _anyCase = anyCase;
        return new(parts);
    }

    private PatternNode.Row Row()
    {
        var parts = new List<PatternNode>();
        while (!Ended && Here is not ('|' or ')'))
        {
            if (Atom() is { } atom)
                parts.Add(Quantified(atom));
        }

        return new(parts);
    }

    private PatternNode Quantified(PatternNode atom)
    {
        (int least, int most) = (1, 1);
        if (Accept('*'))
            (least, most) = (0, int.MaxValue);
        else if (Accept('+'))
            (least, most) = (1, int.MaxValue);
        else if (Accept('?'))
            (least, most) = (0, 1);
        else if (Here == '{')
            (least, most) = Counts();
        else
            return atom;

        if (most > 1 && atom.CanBeEmpty)
            throw Unknown("a repeated part that can be empty");
        bool lazy = Accept('?');
        return new PatternNode.Repeat(atom, least, most, lazy, Possessive: !lazy && Accept('+'));
    }

    private (int Least, int Most) Counts()
    {
        _at++;
        int least = Count() ?? 0, most = least;
        if (Accept(','))
            most = Count() ?? int.MaxValue;
        Expect('}');
        return least <= most ? (least, most) : throw Unknown("a quantifier whose bounds are swapped");
    }

    private int? Count()
    {
        int start = _at, count = 0;
        while (Here is >= '0' and <= '9' && count <= 1000)
            count = (10 * count) + _runes[_at++] - '0';
        return count > 1000 ? throw Unknown("a quantifier above 1000") : _at == start ? null : count;
    }

    private PatternNode? Atom()
    {
        int c = _runes[_at++];
        return c switch
        {
            '(' => Group(),
            '[' => new PatternNode.One(Class()),
            '.' => new PatternNode.One(AnyButNewline()),
            '^' => new PatternNode.Place(PatternStep.Begin),
            '$' => new PatternNode.Place(PatternStep.End),
            '\\' when Here is 'b' or 'B' => new PatternNode.Place(_runes[_at++] == 'b' ? PatternStep.Boundary : PatternStep.NoBoundary),
            '\\' => new PatternNode.One(Escape().Seal()),
            '*' or '+' or '?' => throw Unknown("a quantifier of nothing"),
            _ => new PatternNode.One(CharacterSet.Of(c, _anyCase).Seal()),
        };
    }

    private static CharacterSet AnyButNewline()
    {
        var set = new CharacterSet { Negated = true };
        set.Add('\n', '\n');
        return set.Seal();
    }

    private PatternNode? Group()
    {
        bool anyCase = _anyCase;
        if (!Accept('?'))
            return Close(Choice());
        if (Accept(':'))
            return Close(Choice());
        if (Accept('='))
            return new PatternNode.Look(Close(Choice()), Negative: false);
        if (Accept('!'))
            return new PatternNode.Look(Close(Choice()), Negative: true);
        if (Accept('>'))
            return new PatternNode.Atomic(Close(Choice()));
        if (!Accept('i'))
            throw Unknown("this kind of group");

        _anyCase = true;
        if (Accept(')'))
            return null;   // (?i) holds until the end of the group around it

        Expect(':');
        PatternNode group = Close(Choice());
        _anyCase = anyCase;
        return group;
    }

    private PatternNode Close(PatternNode node)
    {
        Expect(')');
        return node;
    }

    private CharacterSet Class()
    {
        var set = new CharacterSet { Negated = Accept('^') };
        for (bool first = true; first || Here != ']'; first = false)
        {
            if (Ended)
                throw Unknown("an unclosed class");

            int c = _runes[_at++];
            if (c == '[' && Here == ':')
                throw Unknown("a POSIX class");
            if (c == '[')
            {
                set.Add(Class());
            }
            else if (c == '&' && Here == '&')
            {
                _at++;
                set.And = Rest();
                return Finish(set);
            }
            else
            {
                Item(set, c);
            }
        }

        _at++;
        return Finish(set);

        // Behind && the rest of the class is a class of its own, which the closing bracket ends, too.
        CharacterSet Rest() => Class();

        CharacterSet Finish(CharacterSet done)
        {
            if (_anyCase)
                done.AddOtherCase();
            return done.Seal();
        }
    }

    private void Item(CharacterSet set, int c)
    {
        if (c == '\\' && Literal() is not { })
        {
            set.Add(Escape().Seal());
            return;
        }

        int first = c == '\\' ? TakeLiteral() : c, last = first;
        if (Here == '-' && _at + 1 < _runes.Length && _runes[_at + 1] != ']')
        {
            _at++;
            last = _runes[_at++];
            if (last == '\\')
                last = Literal() is { } ? TakeLiteral() : throw Unknown("a range that ends in a class");
        }

        set.Add(first, last);
    }

    private CharacterSet Escape()
    {
        if (Literal() is { })
            return CharacterSet.Of(TakeLiteral(), _anyCase);

        int c = _runes[_at++];
        return c switch
        {
            's' or 'S' => CharacterSet.Of(CodePoint.Space, c == 'S'),
            'd' or 'D' => CharacterSet.Of(1u << (int)UnicodeCategory.DecimalDigitNumber, c == 'D'),
            'w' or 'W' => CharacterSet.Of(Word, c == 'W'),
            _ => Property(negated: c == 'P'),
        };
    }

    internal const uint Word = CodePoint.Letter | CodePoint.Mark | (1u << (int)UnicodeCategory.DecimalDigitNumber) | (1u << (int)UnicodeCategory.ConnectorPunctuation);

    private CharacterSet Property(bool negated)
    {
        Expect('{');
        negated ^= Accept('^');
        int start = _at;
        while (!Ended && Here != '}')
            _at++;
        string name = string.Concat(_runes[start.._at].Select(rune => new Rune(rune).ToString()));
        Expect('}');
        return CharacterSet.Of(PatternProperty.Classes(name) ?? throw Unknown($"the property '{name}'"), negated);
    }

    /// <summary>The character the escape here stands for, if it stands for one.</summary>
    private int? Literal() => Here switch
    {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        'f' => '\f',
        'x' or 'u' => 0,   // read by TakeLiteral
        >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or -1 => null,
        _ => Here,
    };

    private int TakeLiteral()
    {
        int c = Literal()!.Value, kind = _runes[_at++];
        if (kind is not ('x' or 'u'))
            return c;

        bool braced = Accept('{');
        int digits = kind == 'u' ? 4 : 2, value = 0;
        for (int i = 0; braced ? Here != '}' : i < digits; i++)
        {
            if (Ended || Here > 'f' || !char.IsAsciiHexDigit((char)Here) || value > 0x10FFFF)
                throw Unknown("a character number that is not hexadecimal");
            value = (16 * value) + Convert.ToInt32(((char)_runes[_at++]).ToString(), 16);
        }

        if (braced)
            _at++;
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
            throw Unknown($"a missing '{c}'");
    }

    private NotSupportedException Unknown(string what) =>
        new($"The word pattern '{_pattern}' has {what} at character {_at}; known: alternatives, groups, (?i), look-ahead, classes with \\p{{..}} and &&, quantifiers, ^, $ and \\b.");
}
