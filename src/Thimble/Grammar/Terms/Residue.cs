namespace Thimble.Grammar;

/// <summary>What is left of a decimal number's digits when divided: <c>value·10^Places mod Divisor</c>.</summary>
/// <param name="Divisor">The divisor, scaled to a whole number.</param>
/// <param name="Places">Decimal places it was scaled by.</param>
/// <param name="Left">The remainder of the digits so far.</param>
/// <param name="Seen">Decimal places seen; −1 before the point.</param>
internal readonly record struct Residue(long Divisor, int Places, long Left, int Seen)
{
    /// <summary>Whether the number may end here.</summary>
    public bool IsWhole
    {
        get
        {
            long left = Left;
            for (int i = Math.Max(Seen, 0); i < Places && left != 0; i++)
                left = left * 10 % Divisor;
            return left == 0 && Seen != 0;
        }
    }

    /// <summary>The residue after one more character; null where none may follow.</summary>
    public Residue? After(byte character)
    {
        if (character == '.')
            return Seen < 0 ? this with { Seen = 0 } : null;
        if (character is < (byte)'0' or > (byte)'9')
            return null;
        int digit = character - '0';
        if (Seen < 0)
            return this with { Left = ((Left * 10) + digit) % Divisor };
        if (Seen >= Places)
            return digit == 0 && IsWholeAt(Seen) ? this with { Seen = Places + 1 } : null;
        return this with { Left = ((Left * 10) + digit) % Divisor, Seen = Seen + 1 };
    }

    private bool IsWholeAt(int seen) => seen >= Places && Left == 0;
}
