namespace Thimble.Grammar;

/// <summary>Bytes that a term never tells apart, under one number.</summary>
internal sealed class ByteClasses
{
    private readonly byte[] _classes = new byte[256];

    private ByteClasses(byte[] representatives) => Representatives = representatives;

    /// <summary>Every byte in a class of its own.</summary>
    public static ByteClasses Each { get; } = OfBytes();

    /// <summary>All bytes in one class.</summary>
    public static ByteClasses None { get; } = new([0]);

    /// <summary>A byte of each class.</summary>
    public byte[] Representatives { get; }

    /// <summary>The class of a byte.</summary>
    public byte this[byte value] => _classes[value];

    private static ByteClasses OfBytes()
    {
        var classes = new ByteClasses([.. Enumerable.Range(0, 256).Select(value => (byte)value)]);
        for (int value = 0; value < 256; value++)
            classes._classes[value] = (byte)value;
        return classes;
    }

    /// <summary>The classes of a term and all that may be left of it.</summary>
    public static ByteClasses Of(Term term)
    {
        HashSet<ByteSet> sets = [];
        Terms.Sets(term, sets, []);
        List<ByteSet> parts = [ByteSet.All];
        foreach (ByteSet set in sets)
        {
            int count = parts.Count;
            for (int i = 0; i < count; i++)
            {
                ByteSet inside = parts[i] & set, outside = parts[i] & ~set;
                if (inside.IsEmpty || outside.IsEmpty)
                    continue;
                parts[i] = inside;
                parts.Add(outside);
            }
        }

        var classes = new ByteClasses([.. parts.Select(part => part.First)]);
        for (int i = 0; i < parts.Count; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                if (parts[i][value])
                    classes._classes[value] = (byte)i;
            }
        }

        return classes;
    }
}
