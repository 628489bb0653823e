namespace Thimble.Grammar;

/// <summary>The parts of JSON that every schema has: shared, so that their masks are worked out once in a vocabulary.</summary>
internal static class JsonParts
{
    private static readonly Spelling s_spelling = new(new(), isJson: true);
    private static readonly Spelling s_tagged = new(s_spelling.Terms, isJson: true, isTagged: true);
    private static readonly NumberTerms s_numbers = new(s_spelling.Terms);
    private static readonly Term s_quote = s_spelling.Terms.Literal("\"");

    /// <summary>Bytes of the white space between parts.</summary>
    public static ByteSet SpaceBytes { get; } = ByteSet.Range(' ', ' ') | ByteSet.Range('\n', '\n') | ByteSet.Range('\t', '\t');

    /// <summary>Bytes with which values begin, and those of white space.</summary>
    public static ByteSet ValueBytes { get; } = SpaceBytes | Bytes("{[\"-0123456789tfn");

    /// <summary>Some bytes, and those of white space.</summary>
    public static ByteSet SpaceOr(string signs) => SpaceBytes | Bytes(signs);

    /// <summary>Any text behind its opening quote, with any escapes.</summary>
    public static State FreeText { get; } = Of(s_spelling.Terms.Sequence(s_spelling.Terms.Repeat(AnyCharacter()), s_quote));

    /// <summary>Any text behind its opening quote, each in one way only.</summary>
    public static State PlainText { get; } = Of(s_spelling.Terms.Sequence(s_spelling.AnyText, s_quote));

    /// <summary>Any key, without quotes.</summary>
    public static State Key { get; } = Of(s_spelling.AnyText);

    /// <summary>Any text behind its opening quote, each in one way only, that can hold no tag.</summary>
    public static State TaggedText { get; } = Of(s_spelling.Terms.Sequence(s_tagged.AnyText, s_quote));

    /// <summary>Any key, without quotes, that can hold no tag.</summary>
    public static State TaggedKey { get; } = Of(s_tagged.AnyText);

    /// <summary>Any number.</summary>
    public static State Number { get; } = Of(s_numbers.Numbers);

    /// <summary>Any whole number.</summary>
    public static State Integer { get; } = Of(s_numbers.Integers);

    /// <summary>Null.</summary>
    public static State Null { get; } = Of(s_spelling.Terms.Literal("null"));

    /// <summary>True.</summary>
    public static State True { get; } = Of(s_spelling.Terms.Literal("true"));

    /// <summary>False.</summary>
    public static State False { get; } = Of(s_spelling.Terms.Literal("false"));

    /// <summary>True or false.</summary>
    public static State Boolean { get; } = Of(s_spelling.Terms.Literals([[.. "true"u8], [.. "false"u8]]));

    /// <summary>Goes on in the white space between two parts.</summary>
    /// <param name="space">Where it stands: 0 for none yet.</param>
    /// <param name="value">The next byte.</param>
    /// <param name="depth">How deep the parts are nested; 0 before the first.</param>
    /// <returns>Where it then stands; −1 where the byte is no white space, or one too much.</returns>
    /// <remarks>One space, or one line end and an indentation as deep as the nesting asks for: models that may write more of it at times write
    /// nothing else.</remarks>
    public static int Space(int space, byte value, int depth)
    {
        const int Line = 2, Deepest = 80, Step = 4;
        return value switch
        {
            (byte)' ' when space == 0 => 1,
            (byte)'\n' when space == 0 => Line,
            (byte)' ' or (byte)'\t' when space >= Line && space < Line + Math.Min(Deepest, depth * Step) => space + 1,
            _ => -1,
        };
    }

    private static ByteSet Bytes(string signs) => signs.Aggregate(default(ByteSet), static (set, sign) => set | ByteSet.Range(sign, sign));

    private static State Of(Term term) => new Automaton(s_spelling.Terms, term).Start;

    /// <summary>A character of a text, escaped or not; a pair of surrogates is one.</summary>
    private static Term AnyCharacter()
    {
        Terms terms = s_spelling.Terms;
        Term hex = terms.Bytes(Hex()), any = s_spelling.Of(Characters.All), d = terms.Bytes(ByteSet.Range('d', 'd') | ByteSet.Range('D', 'D'));
        Term start = terms.Literal("\\u");
        Term low = terms.Sequence(start, d, terms.Bytes(ByteSet.Range('c', 'f') | ByteSet.Range('C', 'F')), hex, hex);
        Term high = terms.Sequence(start, d, terms.Bytes(ByteSet.Range('8', '9') | ByteSet.Range('a', 'b') | ByteSet.Range('A', 'B')), hex, hex);
        Term other = terms.Sequence(start, terms.Bytes(Hex() & ~(ByteSet.Range('d', 'd') | ByteSet.Range('D', 'D'))), hex, hex, hex);
        Term early = terms.Sequence(start, d, terms.Bytes(ByteSet.Range('0', '7')), hex, hex);
        return terms.Choice(any, terms.Literal("\\/"), other, early, terms.Sequence(high, low));

        static ByteSet Hex() => ByteSet.Range('0', '9') | ByteSet.Range('a', 'f') | ByteSet.Range('A', 'F');
    }
}
