namespace Thimble.Grammar;

/// <summary>How characters are written as bytes: as they are, or within a JSON string.</summary>
/// <param name="terms">Where terms are made.</param>
/// <param name="isJson">Whether within a JSON string: what must be escaped is, in its shortest form, and nothing else.</param>
/// <param name="isTagged">Whether the JSON stands between tags, so that <c>&lt;</c> is escaped too and no text can be taken for a tag.</param>
/// <remarks>Source: RFC 8259, section 7.</remarks>
internal sealed class Spelling(Terms terms, bool isJson, bool isTagged = false)
{
    private static readonly Characters s_escaped = Characters.Of([(0, 0x1F), ('"', '"'), ('\\', '\\')]);
    private static readonly Characters s_escapedInTags = Characters.Of([(0, 0x1F), ('"', '"'), ('<', '<'), ('\\', '\\')]);

    private readonly Characters _escaped = isTagged ? s_escapedInTags : s_escaped;

    private readonly Dictionary<Characters, Term> _known = [];

    /// <summary>Where terms are made.</summary>
    public Terms Terms => terms;

    /// <summary>Whether the JSON stands between tags.</summary>
    public bool IsTagged => isTagged;

    /// <summary>Any text.</summary>
    public Term AnyText => field ??= terms.Repeat(Of(Characters.All));

    /// <summary>One character of a set.</summary>
    public Term Of(Characters set)
    {
        if (_known.TryGetValue(set, out Term? known))
            return known;
        Characters raw = isJson ? set & ~_escaped : set;
        List<Term> choices = [];
        foreach ((int first, int last) in raw.Ranges)
            AddRaw(first, last, choices);
        if (isJson)
        {
            foreach ((int first, int last) in (set & _escaped).Ranges)
            {
                for (int character = first; character <= last; character++)
                    choices.Add(Escape(character));
            }
        }

        return _known[set] = terms.Choice(choices);
    }

    /// <summary>A text as it is written.</summary>
    public byte[] Write(string text)
    {
        List<byte> bytes = [];
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            if (isJson && (rune.Value < 0x20 || rune.Value is '"' or '\\' || (isTagged && rune.Value == '<')))
                bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(ShortEscape(rune.Value) is { } letter ? $"\\{letter}" : $"\\u{rune.Value:x4}"));
            else
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }

    private static char? ShortEscape(int character) => character switch
    {
        '"' => '"',
        '\\' => '\\',
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => null,
    };

    private Term Escape(int character) => ShortEscape(character) is { } letter
        ? terms.Literal($"\\{letter}")
        : terms.Literal($"\\u{character:x4}");

    /// <summary>Adds the sequences of bytes that stand for a range of characters.</summary>
    private void AddRaw(int first, int last, List<Term> choices)
    {
        foreach (ByteSet[] bytes in Utf8Ranges.Of(first, last))
        {
            Term sequence = terms.Empty;
            for (int i = bytes.Length - 1; i >= 0; i--)
                sequence = terms.Sequence(terms.Bytes(bytes[i]), sequence);
            choices.Add(sequence);
        }
    }
}
