namespace Thimble.Models.Tokens;

/// <summary>Parts are the matches of a pattern and what lies between them.</summary>
internal sealed class PatternSplitter(string pattern) : Splitter
{
    private readonly Pattern _pattern = new(pattern);

    public override int Next(ReadOnlySpan<byte> text, int at)
    {
        int end = _pattern.Match(text, at);
        if (end > at)
            return end;

        do
        {
            CodePoint.At(text, at, out int length);
            at += length;
        }
        while (at < text.Length && _pattern.Match(text, at) <= at);
        return at;
    }
}
