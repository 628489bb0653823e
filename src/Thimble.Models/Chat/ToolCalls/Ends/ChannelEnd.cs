using System.Text;

namespace Thimble.Models.Chat;

/// <summary>The end of a header that names the channel a message goes to; a call's value follows its header at once.</summary>
/// <param name="headMark">What ends the header.</param>
/// <param name="opens">What a header opens.</param>
/// <param name="rule">How the value of a call stands.</param>
internal sealed class ChannelEnd(string headMark, Func<string, ReplyPartKind> opens, BracketRule rule) : BlockEnd
{
    private const int LongestHead = 512;

    private BracketEnd? _value;
    private int _head;

    /// <summary>What closes a channel of reasoning.</summary>
    public string Closes
    {
        init => Close = value;
    }

    public override BlockState Take(StringBuilder block)
    {
        if (_value is not null)
            return Value(_value, block);
        if (!Tail.Is(block, headMark))
            return block.Length <= LongestHead ? BlockState.Inside : BlockState.Refused;

        _head = block.Length;
        Opens = opens(block.ToString(0, _head - headMark.Length));
        if (Opens != ReplyPartKind.Call)
        {
            ValueStart = ValueEnd = _head;
            return BlockState.Ended;
        }

        _value = new(rule);
        return BlockState.Inside;
    }

    private BlockState Value(BracketEnd value, StringBuilder block)
    {
        BlockState state = value.Take(block);
        (ValueStart, Surplus) = (_head + value.ValueStart, value.Surplus);
        if (value.ValueEnd >= 0)
            ValueEnd = _head + value.ValueEnd;
        return state;
    }
}
