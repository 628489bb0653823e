namespace Thimble.Models.Tokens;

/// <summary>The words of Llama 3 and its many kin, scanned by hand; they differ in how many digits make a word and in whether
/// accents count as letters.</summary>
/// <remarks>Source: the split patterns of Llama 3, Qwen 2 and Qwen 3.5; the same cuts as <see cref="Pattern"/> makes.</remarks>
internal sealed class LlamaSplitter(int digits, bool marks = false) : Splitter
{
    private readonly uint _letter = marks ? CodePoint.Letter | CodePoint.Mark : CodePoint.Letter;

    /// <summary>What it scans, as a pattern.</summary>
    public static string Pattern(int digits, bool marks = false)
    {
        string letter = marks ? @"[\p{L}\p{M}]" : @"\p{L}", sign = marks ? @"[^\s\p{L}\p{M}\p{N}]" : @"[^\s\p{L}\p{N}]";
        string number = digits == 1 ? @"\p{N}" : $@"\p{{N}}{{1,{digits}}}";
        return $@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?{letter}+|{number}| ?{sign}+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    }

    public override int Next(ReadOnlySpan<byte> text, int at)
    {
        byte first = text[at];
        if (first == '\'' && Contraction(text, at) is > 0 and int contraction)
            return at + contraction;

        uint classes = CodePoint.ClassesAt(text, at, out int length);
        if ((classes & _letter) != 0)
            return Letters(text, at + length);
        if ((classes & CodePoint.Number) != 0)
            return Digits(text, at + length);

        uint after = CodePoint.ClassesAt(text, at + length, out int afterLength);
        if (first is not ((byte)'\r' or (byte)'\n') && (after & _letter) != 0)
            return Letters(text, at + length + afterLength);
        if ((classes & CodePoint.Space) == 0)
            return Signs(text, at + length);
        return first == ' ' && after != 0 && (after & (CodePoint.Space | CodePoint.Number)) == 0
            ? Signs(text, at + 1 + afterLength)
            : Spaces(text, at);
    }

    private int Letters(ReadOnlySpan<byte> text, int at)
    {
        at = Gpt2Splitter.Letters(text, at);
        return marks ? CodePoint.SkipWhile(text, at, _letter) : at;
    }

    private int Digits(ReadOnlySpan<byte> text, int at)
    {
        for (int count = 1; count < digits && (CodePoint.ClassesAt(text, at, out int length) & CodePoint.Number) != 0; count++)
            at += length;
        return at;
    }

    private int Signs(ReadOnlySpan<byte> text, int at)
    {
        at = CodePoint.SkipUnless(text, at, _letter | CodePoint.Number | CodePoint.Space);
        while (at < text.Length && text[at] is ((byte)'\r' or (byte)'\n'))
            at++;
        return at;
    }

    private static int Spaces(ReadOnlySpan<byte> text, int at)
    {
        int end = CodePoint.SkipWhile(text, at, CodePoint.Space);
        int breakAt = text[at..end].LastIndexOfAny((byte)'\r', (byte)'\n');
        return breakAt >= 0 ? at + breakAt + 1 : Gpt2Splitter.Spaces(text, at);
    }

    private static int Contraction(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 >= text.Length)
            return 0;

        int next = text[at + 1] | 0x20, last = at + 2 < text.Length ? text[at + 2] | 0x20 : 0;
        if (!char.IsAsciiLetter((char)text[at + 1]))
            return 0;
        if (next is 's' or 't' or 'm' or 'd')
            return 2;
        return (next, last) is ('r', 'e') or ('v', 'e') or ('l', 'l') && char.IsAsciiLetter((char)text[at + 2]) ? 3 : 0;
    }
}
