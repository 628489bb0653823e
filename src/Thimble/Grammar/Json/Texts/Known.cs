namespace Thimble.Grammar;

/// <summary>Texts that have come and may not come again.</summary>
/// <param name="Text">The latest.</param>
/// <param name="Before">Those before it.</param>
internal sealed record Known(byte[] Text, Known? Before)
{
    /// <summary>How many there are.</summary>
    public int Count { get; } = 1 + (Before?.Count ?? 0);

    /// <summary>The texts.</summary>
    public static byte[][] All(Known? known)
    {
        byte[][] all = new byte[known?.Count ?? 0][];
        for (int i = all.Length - 1; i >= 0; i--, known = known.Before)
            all[i] = known!.Text;
        return all;
    }

    /// <summary>Whether two lists hold the same.</summary>
    public static bool Same(Known? x, Known? y)
    {
        for (; !ReferenceEquals(x, y); x = x.Before, y = y.Before)
        {
            if (x is null || y is null || x.Count != y.Count || !x.Text.AsSpan().SequenceEqual(y.Text))
                return false;
        }

        return true;
    }
}
