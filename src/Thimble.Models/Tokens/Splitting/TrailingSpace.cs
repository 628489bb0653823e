namespace Thimble.Models.Tokens;

/// <summary>Cuts the white space at the end from what comes before it.</summary>
/// <remarks>As a pattern, <c>\s+$</c> takes quadratic time on a long run of spaces inside a text.</remarks>
internal sealed class TrailingSpace : Splitter
{
    public override int Next(ReadOnlySpan<byte> text, int at)
    {
        int start = text.Length;
        while (start > at && CodePoint.Before(text, start) is int before && (CodePoint.ClassesAt(text, before, out _) & CodePoint.Space) != 0)
            start = before;
        return start > at ? start : text.Length;
    }
}
