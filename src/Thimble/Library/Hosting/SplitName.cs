using System.Globalization;

namespace Thimble.Library;

/// <summary>The name of one file of a divided model: <c>…-00002-of-00003.gguf</c>.</summary>
/// <param name="Stem">What stands before <c>-00002-of-</c>.</param>
/// <param name="Number">The part, from 1.</param>
/// <param name="Count">Parts.</param>
internal sealed record SplitName(string Stem, int Number, int Count)
{
    private const string Ending = ".gguf";
    private const int Digits = 5, TailLength = 15;   // -00002-of-00003

    /// <summary>Reads a name or path.</summary>
    /// <returns>The parts of it; null for a file that is whole.</returns>
    public static SplitName? Parse(string path)
    {
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) || path.Length < Ending.Length + TailLength)
            return null;

        ReadOnlySpan<char> tail = path.AsSpan(path.Length - Ending.Length - TailLength, TailLength);
        return tail[0] == '-' && tail[6..10] is "-of-" && TryCount(tail[1..6], out int number) && TryCount(tail[10..], out int count) && number <= count
            ? new(path[..^(Ending.Length + TailLength)], number, count)
            : null;
    }

    /// <summary>The name or path of a part.</summary>
    public string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Stem}-{number:D5}-of-{Count:D5}{Ending}");

    private static bool TryCount(ReadOnlySpan<char> digits, out int count) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count) && digits.Length == Digits && count > 0;
}
