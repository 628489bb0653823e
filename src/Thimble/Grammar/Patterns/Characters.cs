using System.Globalization;
using System.Text;

namespace Thimble.Grammar;

/// <summary>A set of Unicode characters, as ranges in order; surrogates are none.</summary>
internal sealed class Characters
{
    /// <summary>The last character.</summary>
    public const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private Characters((int, int)[] ranges) => _ranges = ranges;

    /// <summary>No character.</summary>
    public static Characters None { get; } = new([]);

    /// <summary>Every character.</summary>
    public static Characters All { get; } = Of([(0, Last)]);

    /// <summary>The digits.</summary>
    public static Characters Digits { get; } = Of([('0', '9')]);

    /// <summary>What ECMAScript's <c>\w</c> takes.</summary>
    public static Characters Words { get; } = Of([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);

    /// <summary>What ECMAScript's <c>\s</c> takes.</summary>
    public static Characters Spaces { get; } = Of(
        [(9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]);

    /// <summary>What ECMAScript's <c>.</c> takes.</summary>
    public static Characters NoLineEnds { get; } = ~Of([(10, 10), (13, 13), (0x2028, 0x2029)]);

    /// <summary>The ranges in order, without gaps of none between them.</summary>
    public ReadOnlySpan<(int First, int Last)> Ranges => _ranges;

    /// <summary>The characters of some ranges.</summary>
    public static Characters Of(IEnumerable<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> sorted = [];
        foreach ((int first, int last) in ranges)
        {
            // Surrogates are no characters.
            if (first < 0xD800)
                sorted.Add((first, Math.Min(last, 0xD7FF)));
            if (last > 0xDFFF)
                sorted.Add((Math.Max(first, 0xE000), last));
        }

        sorted.RemoveAll(static range => range.First > range.Last);
        sorted.Sort();
        List<(int First, int Last)> merged = [];
        foreach ((int first, int last) in sorted)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }

        return new([.. merged]);
    }

    /// <summary>One character.</summary>
    public static Characters Of(int character) => Of([(character, character)]);

    /// <summary>The characters of a Unicode property, such as <c>Lu</c>, <c>L</c> or <c>Letter</c>; null for one unknown.</summary>
    public static Characters? Property(string name)
    {
        name = name switch
        {
            _ when name.StartsWith("General_Category=", StringComparison.Ordinal) => name["General_Category=".Length..],
            _ when name.StartsWith("gc=", StringComparison.Ordinal) => name["gc=".Length..],
            _ => name,
        };
        if (name is "Any")
            return All;
        if (name is "ASCII")
            return Of([(0, 127)]);
        return UnicodeNames.Categories(name) is { Length: > 0 } categories ? Of(Each(categories)) : null;

        static IEnumerable<(int, int)> Each(UnicodeCategory[] categories)
        {
            for (int character = 0; character <= Last; character++)
            {
                if (Array.IndexOf(categories, CharUnicodeInfo.GetUnicodeCategory(character)) >= 0)
                    yield return (character, character);
            }
        }
    }

    public static Characters operator |(Characters x, Characters y) => Of([.. x._ranges, .. y._ranges]);

    public static Characters operator &(Characters x, Characters y) => ~(~x | ~y);

    public static Characters operator ~(Characters x)
    {
        List<(int, int)> gaps = [];
        int at = 0;
        foreach ((int first, int last) in x._ranges)
        {
            if (first > at)
                gaps.Add((at, first - 1));
            at = last + 1;
        }

        if (at <= Last)
            gaps.Add((at, Last));
        return Of(gaps);
    }

    /// <summary>The set with the other case of its letters.</summary>
    public Characters AnyCase()
    {
        List<(int, int)> more = [.. _ranges];
        foreach ((int first, int last) in _ranges)
        {
            for (int character = first; character <= Math.Min(last, 0xFFFF); character++)
            {
                var rune = new Rune(character);
                int lower = Rune.ToLowerInvariant(rune).Value, upper = Rune.ToUpperInvariant(rune).Value;
                more.Add((lower, lower));
                more.Add((upper, upper));
            }
        }

        return Of(more);
    }
}
