namespace Thimble.Models.Tokens;

/// <summary>The characters a class of a pattern takes: <c>[^\s\p{L}a-z]</c>.</summary>
internal sealed class CharacterSet
{
    private readonly List<(int First, int Last)> _ranges = [];
    private readonly List<CharacterSet> _sets = [];
    private UInt128 _ascii;   // worked out by Seal
    private bool _sealed;

    /// <summary>Classes of <see cref="CodePoint"/> that belong to it.</summary>
    public uint Classes { get; set; }

    /// <summary>Whether it takes what is not named in it.</summary>
    public bool Negated { get; set; }

    /// <summary>A set its characters must belong to, too: <c>[…&amp;&amp;[…]]</c>.</summary>
    public CharacterSet? And { get; set; }

    public static CharacterSet Of(uint classes, bool negated = false) => new() { Classes = classes, Negated = negated };

    public static CharacterSet Of(int codePoint, bool anyCase)
    {
        var set = new CharacterSet();
        set.Add(codePoint, codePoint);
        if (anyCase && codePoint < 128 && char.IsAsciiLetter((char)codePoint))
            set.Add(codePoint ^ 0x20, codePoint ^ 0x20);
        return set;
    }

    public void Add(int first, int last) => _ranges.Add((first, last));

    public void Add(CharacterSet set) => _sets.Add(set);

    /// <summary>Takes the other case of its ASCII letters, too.</summary>
    public void AddOtherCase()
    {
        for (int letter = 'a'; letter <= 'z'; letter++)
        {
            bool lower = Names(letter), upper = Names(letter ^ 0x20);
            if (lower != upper)
                Add(lower ? letter ^ 0x20 : letter, lower ? letter ^ 0x20 : letter);
        }
    }

    public CharacterSet Seal()
    {
        for (int c = 0; c < 128; c++)
        {
            if (Compute(c))
                _ascii |= UInt128.One << c;
        }

        _sealed = true;
        return this;
    }

    public bool Contains(int codePoint) =>
        _sealed && codePoint < 128 ? ((codePoint < 64 ? (ulong)_ascii : (ulong)(_ascii >> 64)) >> (codePoint & 63) & 1) != 0 : Compute(codePoint);

    private bool Compute(int codePoint) => Names(codePoint) != Negated && And?.Contains(codePoint) != false;

    private bool Names(int codePoint)
    {
        if ((CodePoint.Classes(codePoint) & Classes) != 0)
            return true;

        foreach ((int first, int last) in _ranges)
        {
            if (codePoint >= first && codePoint <= last)
                return true;
        }

        foreach (CharacterSet set in _sets)
        {
            if (set.Contains(codePoint))
                return true;
        }

        return false;
    }
}
