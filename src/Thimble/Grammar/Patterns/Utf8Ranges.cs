using System.Text;

namespace Thimble.Grammar;

/// <summary>Ranges of characters as sequences of ranges of bytes.</summary>
/// <remarks>Source: RFC 3629, section 4.</remarks>
internal static class Utf8Ranges
{
    /// <summary>The sequences of bytes that stand for a range of characters.</summary>
    /// <param name="first">The first character.</param>
    /// <param name="last">The last; no surrogate lies between them.</param>
    public static List<ByteSet[]> Of(int first, int last)
    {
        List<ByteSet[]> sequences = [];
        Add(first, last, sequences);
        return sequences;
    }

    private static void Add(int first, int last, List<ByteSet[]> sequences)
    {
        // A range is cut where the count of bytes changes, and then where a byte in front changes.
        foreach (int edge in (ReadOnlySpan<int>)[0x7F, 0x7FF, 0xFFFF])
        {
            if (first <= edge && last > edge)
            {
                Add(first, edge, sequences);
                first = edge + 1;
            }
        }

        int length = last < 0x80 ? 1 : last < 0x800 ? 2 : last < 0x10000 ? 3 : 4;
        for (int tail = length - 1; tail >= 1; tail--)
        {
            int mask = (1 << (6 * tail)) - 1;
            if ((first & ~mask) == (last & ~mask))
                continue;
            int cut = (first & mask) != 0 ? first | mask : (last & mask) != mask ? (last & ~mask) - 1 : -1;
            if (cut < 0)
                continue;
            Add(first, cut, sequences);
            Add(cut + 1, last, sequences);
            return;
        }

        Span<byte> from = stackalloc byte[4], to = stackalloc byte[4];
        new Rune(first).EncodeToUtf8(from);
        new Rune(last).EncodeToUtf8(to);
        var sequence = new ByteSet[length];
        for (int i = 0; i < length; i++)
            sequence[i] = ByteSet.Range(from[i], to[i]);
        sequences.Add(sequence);
    }
}
