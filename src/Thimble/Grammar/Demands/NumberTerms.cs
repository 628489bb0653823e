using System.Globalization;
using System.Numerics;

namespace Thimble.Grammar;

/// <summary>Sets of decimal numbers as terms over their digits.</summary>
/// <remarks>A number is read from its greatest digit on, so that a bound is one comparison of counts of digits and then of digits.</remarks>
internal sealed class NumberTerms
{
    private const int MostDigits = 400, MostDivisor = 10_000;

    private readonly Terms _terms;
    private readonly Term _digit, _digits, _fraction, _natural, _magnitude, _some;

    /// <summary>Number terms of a pool.</summary>
    public NumberTerms(Terms terms)
    {
        _terms = terms;
        _digit = Digits('0', '9');
        _digits = terms.Repeat(_digit);
        _fraction = terms.Optional(terms.Sequence(terms.Literal("."), terms.Repeat(_digit, 1)));
        _natural = terms.Choice(terms.Literal("0"), terms.Sequence(Digits('1', '9'), _digits));
        _magnitude = terms.Sequence(_natural, _fraction);
        _some = Above("0", "", orEqual: false);
        Term minus = terms.Literal("-"), zeros = terms.Repeat(terms.Literal("0"), 1);
        Decimals = terms.Choice(_magnitude, terms.Sequence(minus, _some));
        Term positive = terms.Sequence(Digits('1', '9'), _digits);
        Integers = terms.Choice(_natural, terms.Sequence(minus, positive));
        LooseIntegers = terms.Sequence(Integers, terms.Optional(terms.Sequence(terms.Literal("."), zeros)));
        Term exponent = terms.Sequence(terms.Bytes(ByteSet.Range('e', 'e') | ByteSet.Range('E', 'E')), terms.Optional(terms.Bytes(ByteSet.Range('+', '+') | ByteSet.Range('-', '-'))), terms.Repeat(_digit, 1, 2));
        Numbers = terms.Sequence(terms.Optional(minus), _magnitude, terms.Optional(exponent));
        Term trimmed = terms.Optional(terms.Sequence(terms.Literal("."), _digits, Digits('1', '9')));
        Canonical = terms.Both(Decimals, terms.Sequence(terms.Optional(minus), _natural, trimmed));
    }

    /// <summary>Every number as JSON writes it, with at most two digits of exponent.</summary>
    public Term Numbers { get; }

    /// <summary>Every number without an exponent; zero has no sign.</summary>
    public Term Decimals { get; }

    /// <summary>Every whole number, without point and exponent.</summary>
    public Term Integers { get; }

    /// <summary>Every whole number, with or without a fraction of zeros.</summary>
    public Term LooseIntegers { get; }

    /// <summary>Every number in its one shortest way.</summary>
    public Term Canonical { get; }

    /// <summary>The numbers from a bound on, or up to it.</summary>
    /// <param name="bound">The bound, as JSON.</param>
    /// <param name="isLeast">Whether it is the least.</param>
    /// <param name="orEqual">Whether the bound itself is in it.</param>
    public Term Bounded(string bound, bool isLeast, bool orEqual)
    {
        (bool negative, string whole, string fraction) = Parse(bound);
        Term minus = _terms.Literal("-"), above = Above(whole, fraction, orEqual);
        bool isZero = whole == "0" && fraction.Length == 0;
        Term below = isZero ? orEqual ? Equal(whole, fraction) : _terms.Nothing : Below(whole, fraction, orEqual);
        Term result = (isLeast, negative) switch
        {
            (true, false) => above,
            (true, true) => _terms.Choice(_magnitude, _terms.Sequence(minus, below)),
            (false, false) => _terms.Choice(_terms.Sequence(minus, _magnitude), below),
            (false, true) => _terms.Sequence(minus, above),
        };
        return _terms.Both(Decimals, result);
    }

    /// <summary>All ways to write one number.</summary>
    public Term Equal(string number)
    {
        (bool negative, string whole, string fraction) = Parse(number);
        return _terms.Sequence(_terms.Literal(negative ? "-" : ""), Equal(whole, fraction));
    }

    /// <summary>The shortest way to write a number.</summary>
    public static string Shortest(string number)
    {
        (bool negative, string whole, string fraction) = Parse(number);
        return $"{(negative ? "-" : "")}{whole}{(fraction.Length > 0 ? "." : "")}{fraction}";
    }

    /// <summary>The multiples of a number.</summary>
    /// <exception cref="NotSupportedException">It has too many digits.</exception>
    public Term Multiples(string of)
    {
        (_, string whole, string fraction) = Parse(of);
        if (!long.TryParse(whole + fraction, NumberStyles.None, CultureInfo.InvariantCulture, out long divisor) || divisor > MostDivisor)
            throw new NotSupportedException($"multiples of {of}, whose digits are more than {MostDivisor},");
        Term digits = _terms.Multiple(new(divisor, fraction.Length, 0, -1));
        return _terms.Both(Decimals, _terms.Sequence(_terms.Optional(_terms.Literal("-")), digits));
    }

    private Term Equal(string whole, string fraction)
    {
        Term zeros = _terms.Repeat(_terms.Literal("0"));
        return fraction.Length > 0
            ? _terms.Sequence(_terms.Literal($"{whole}.{fraction}"), zeros)
            : _terms.Sequence(_terms.Literal(whole), _terms.Optional(_terms.Sequence(_terms.Literal("."), _terms.Literal("0"), zeros)));
    }

    /// <summary>Magnitudes above one.</summary>
    private Term Above(string whole, string fraction, bool orEqual)
    {
        List<Term> choices = [_terms.Sequence(Digits('1', '9'), _terms.Repeat(_digit, whole.Length), _fraction)];
        for (int i = 0; i < whole.Length; i++)
            choices.Add(_terms.Sequence(_terms.Literal(whole[..i]), Digits((char)(whole[i] + 1), '9'), _terms.Repeat(_digit, whole.Length - i - 1, whole.Length - i - 1), _fraction));
        if (whole == "0")
            choices.Add(_terms.Sequence(Digits('1', '9'), _fraction));
        List<Term> fractions = [];
        for (int i = 0; i < fraction.Length; i++)
            fractions.Add(_terms.Sequence(_terms.Literal(fraction[..i]), Digits((char)(fraction[i] + 1), '9'), _digits));
        Term zeros = _terms.Repeat(_terms.Literal("0"));
        Term more = _terms.Sequence(_terms.Literal(fraction), zeros, Digits('1', '9'), _digits);
        fractions.Add(orEqual && fraction.Length > 0 ? _terms.Sequence(_terms.Literal(fraction), _digits) : more);
        Term tail = _terms.Sequence(_terms.Literal("."), _terms.Choice(fractions));
        if (orEqual && fraction.Length == 0)
            tail = _fraction;
        choices.Add(_terms.Sequence(_terms.Literal(whole), tail));
        return _terms.Choice(choices);
    }

    /// <summary>Magnitudes below one.</summary>
    private Term Below(string whole, string fraction, bool orEqual)
    {
        List<Term> choices = [];
        if (whole.Length > 1)
        {
            choices.Add(_terms.Sequence(_terms.Literal("0"), _fraction));
            choices.Add(_terms.Sequence(Digits('1', '9'), _terms.Repeat(_digit, 0, whole.Length - 2), _fraction));
        }

        for (int i = 0; i < whole.Length; i++)
        {
            char least = i == 0 && whole.Length > 1 ? '1' : '0';
            choices.Add(_terms.Sequence(_terms.Literal(whole[..i]), Digits(least, (char)(whole[i] - 1)), _terms.Repeat(_digit, whole.Length - i - 1, whole.Length - i - 1), _fraction));
        }

        List<Term> fractions = [];
        for (int i = 0; i < fraction.Length; i++)
        {
            fractions.Add(_terms.Sequence(_terms.Literal(fraction[..i]), Digits('0', (char)(fraction[i] - 1)), _digits));
            if (i > 0)
                fractions.Add(_terms.Literal(fraction[..i]));
        }

        if (fraction.Length > 0)
            choices.Add(_terms.Literal(whole));
        if (fraction.Length > 0 && fractions.Count > 0)
            choices.Add(_terms.Sequence(_terms.Literal(whole), _terms.Literal("."), _terms.Choice(fractions)));
        if (orEqual)
            choices.Add(Equal(whole, fraction));
        return _terms.Choice(choices);
    }

    private Term Digits(char first, char last) => first > last ? _terms.Nothing : _terms.Bytes(ByteSet.Range(first, last));

    /// <summary>Sign, digits before and behind the point, without needless zeros.</summary>
    private static (bool Negative, string Whole, string Fraction) Parse(string number)
    {
        bool negative = number.StartsWith('-');
        string text = negative ? number[1..] : number;
        int exponent = 0, e = text.AsSpan().IndexOfAny('e', 'E');
        if (e >= 0)
        {
            var wide = BigInteger.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            exponent = BigInteger.Abs(wide) > MostDigits ? throw TooLong(number) : (int)wide;
            text = text[..e];
        }

        int point = text.IndexOf('.', StringComparison.Ordinal);
        string digits = text.Replace(".", "", StringComparison.Ordinal);
        int places = (point < 0 ? text.Length : point) + exponent;
        if (digits.Length > 2 * MostDigits || Math.Abs(places) > MostDigits)
            throw TooLong(number);
        if (places < 0)
            (digits, places) = (new string('0', -places) + digits, 0);
        digits = digits.PadRight(places, '0');
        string whole = digits[..places].TrimStart('0'), fraction = digits[places..].TrimEnd('0');
        bool isZero = whole.Length == 0 && fraction.Length == 0;
        return (negative && !isZero, whole.Length == 0 ? "0" : whole, fraction);
    }

    private static NotSupportedException TooLong(string number) => new($"the number {(number.Length < 40 ? number : number[..40] + "…")}, which has more than {MostDigits} digits,");
}
