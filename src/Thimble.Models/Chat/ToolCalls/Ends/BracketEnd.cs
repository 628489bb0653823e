using System.Text;

namespace Thimble.Models.Chat;

/// <summary>The end of a value in brackets, JSON or Python: brackets in quotes do not count.</summary>
/// <remarks>Outside quotes a character that the notation does not have refuses the block at once, so that a quarrel about
/// JSON in prose is not held back to its end.</remarks>
internal sealed class BracketEnd(BracketRule rule) : BlockEnd
{
    private const int LongestHead = 512;

    private static readonly string[] s_keys = ["name", "parameters", "arguments", "type", "function", "id", "tool_name"];

    private int _taken, _depth, _firstQuote = -1, _close, _closed;
    private char _quote;
    private bool _escaped, _blankHead = true, _keyed = !rule.IsUnmarked || rule.IsPython, _called = !rule.IsUnmarked || !rule.IsPython;

    public override BlockState Take(StringBuilder block)
    {
        _taken++;
        char next = block[^1];
        return ValueEnd >= 0 ? Closing(next)
            : _depth == 0 ? Head(next)
            : _quote != 0 ? Quoted(next, block)
            : Bracketed(next);
    }

    private BlockState Head(char next)
    {
        if (next == '{' || (next == '[' && _blankHead) || (next == '(' && rule is { IsPython: true, IsNamed: true }))
        {
            ValueStart = _taken - 1;
            _depth = 1;
            _called |= next != '[';
            return BlockState.Inside;
        }

        bool blank = char.IsWhiteSpace(next);
        _blankHead &= blank;
        if (_taken > LongestHead)
            return Refuse(0);
        return blank || rule.IsNamed ? BlockState.Inside : Refuse(1);
    }

    private BlockState Quoted(char next, StringBuilder block)
    {
        if (_escaped)
        {
            _escaped = false;
        }
        else if (next == '\\')
        {
            _escaped = true;
        }
        else if (next == _quote)
        {
            _quote = '\0';
            return _keyed || Keyed(block) ? BlockState.Inside : Refuse(0);
        }

        return BlockState.Inside;
    }

    private bool Keyed(StringBuilder block)
    {
        _keyed = true;
        int length = _taken - _firstQuote - 1;
        return s_keys.Any(key => key.Length == length && block.ToString(_firstQuote, length) == key);
    }

    private BlockState Bracketed(char next)
    {
        switch (next)
        {
            case '"':
            case '\'' when rule.IsPython:
                _quote = next;
                _firstQuote = _firstQuote < 0 ? _taken : _firstQuote;
                return _called ? BlockState.Inside : Refuse(0);
            case '{' or '[':
            case '(' when rule.IsPython:
                _called |= next == '(';
                _depth++;
                return _called ? BlockState.Inside : Refuse(0);
            case '}' or ']':
            case ')' when rule.IsPython:
                return --_depth > 0 ? BlockState.Inside : Value();
            case ',' or ':' or '+' or '-' or '.' or '_':
            case '=' or '*' or '/' when rule.IsPython:
                return BlockState.Inside;
            default:
                return char.IsLetterOrDigit(next) || char.IsWhiteSpace(next) ? BlockState.Inside : Refuse(1);
        }
    }

    private BlockState Value()
    {
        ValueEnd = _taken;
        return rule.Closes.Count == 0 ? BlockState.Ended : BlockState.Inside;
    }

    /// <summary>Takes what may follow the value; the first character that fits nothing ends the block before it.</summary>
    private BlockState Closing(char next)
    {
        Surplus++;
        if (_closed == 0 && char.IsWhiteSpace(next))
            return BlockState.Inside;

        while (_closed == 0 && _close < rule.Closes.Count && rule.Closes[_close][0] != next)
            _close++;
        if (_close == rule.Closes.Count || rule.Closes[_close][_closed] != next)
            return BlockState.Ended;

        if (++_closed < rule.Closes[_close].Length)
            return BlockState.Inside;
        (_closed, Surplus) = (0, 0);
        return ++_close == rule.Closes.Count ? BlockState.Ended : BlockState.Inside;
    }

    private BlockState Refuse(int surplus)
    {
        Surplus = surplus;
        return BlockState.Refused;
    }
}
