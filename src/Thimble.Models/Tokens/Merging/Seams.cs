namespace Thimble.Models.Tokens;

/// <summary>Where a text may be cut because no token has those two characters side by side, so that no merge crosses there.</summary>
/// <remarks>Cuts most texts into words, whose tokens can be remembered, with the very tokens of the whole. ASCII characters
/// and <c>▁</c> are told apart; all others count as one, which can only lose a cut.</remarks>
internal sealed class Seams
{
    private const int Blank = 128, Other = 129, Kinds = 130;
    private readonly bool[] _joined = new bool[Kinds * Kinds];

    public Seams(Vocabulary vocabulary, Func<int, bool> wanted)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (!wanted(id))
                continue;

            ReadOnlySpan<byte> text = vocabulary.Texts[id];
            int before = -1;
            for (int at = 0; at < text.Length;)
            {
                int kind = Kind(text, ref at);
                if (before >= 0)
                    _joined[(before * Kinds) + kind] = true;
                before = kind;
            }
        }
    }

    /// <summary>The next seam behind a place, or the end.</summary>
    public int Next(ReadOnlySpan<byte> text, int at)
    {
        int before = Kind(text, ref at);
        while (at < text.Length)
        {
            int next = at, kind = Kind(text, ref next);
            if (!_joined[(before * Kinds) + kind])
                return at;

            (before, at) = (kind, next);
        }

        return at;
    }

    private static int Kind(ReadOnlySpan<byte> text, ref int at)
    {
        byte first = text[at];
        if (first < 0x80)
        {
            at++;
            return first;
        }

        bool blank = text[at..].StartsWith(TokenPieces.Blank);
        do
            at++;
        while (at < text.Length && (text[at] & 0xC0) == 0x80);
        return blank ? Blank : Other;
    }
}
