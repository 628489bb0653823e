using System.Text;

namespace Thimble.Models.Chat;

/// <summary>The end of a call at a closing mark that stands outside its parameters' values.</summary>
/// <param name="close">The closing mark.</param>
/// <param name="open">What opens a parameter's value, so that closing marks in it are its text; null where nothing does.</param>
/// <param name="shut">What closes the value.</param>
/// <param name="nameEnds">The characters that end the name at the block's beginning.</param>
internal sealed class MarkEnd(string close, string? open, string? shut, string nameEnds) : BlockEnd
{
    private const int LongestName = 256;

    private bool _inside, _named;

    public override BlockState Take(StringBuilder block)
    {
        char next = block[^1];
        if (!_named && !Named(block, next))
        {
            Surplus = 1;
            return BlockState.Refused;
        }

        if (_inside)
        {
            _inside = next != shut![^1] || !Tail.Is(block, shut);
            return BlockState.Inside;
        }

        if (open is not null && next == open[^1] && Tail.Is(block, open))
            _inside = true;
        if (next != close[^1] || !Tail.Is(block, close))
            return BlockState.Inside;
        ValueEnd = block.Length - close.Length;
        return BlockState.Ended;
    }

    private bool Named(StringBuilder block, char next)
    {
        _named = nameEnds.Contains(next) && Tail.Space(block, block.Length - 1) > 0;
        return _named || (block.Length <= LongestName && (char.IsLetterOrDigit(next) || char.IsWhiteSpace(next) || next is '_' or '-' or '.' or ':' or '/'));
    }
}
