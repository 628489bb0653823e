using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Remembers the tokens of short words: a fixed table in which a word replaces the one whose slot it falls into.</summary>
/// <remarks>Language repeats itself: a few thousand words make up nearly all of a text. The table never grows.</remarks>
internal sealed class WordCache
{
    /// <summary>The longest word remembered, in bytes.</summary>
    public const int LongestWord = 16;

    private const int Most = 6, Slots = 1 << 15;
    private readonly Entry[] _entries = new Entry[Slots];

    /// <summary>A word of at most <see cref="LongestWord"/> bytes as two numbers, read where it lies.</summary>
    public static (ulong Low, ulong High) Key(ReadOnlySpan<byte> text, int start, int length)
    {
        ReadOnlySpan<byte> word = text[start..];
        if (word.Length < LongestWord)
        {
            Span<byte> padded = stackalloc byte[LongestWord];
            padded.Clear();
            word.CopyTo(padded);
            return Key(padded, length);
        }

        return Key(word, length);
    }

    /// <summary>Appends the tokens of a word, if they are remembered.</summary>
    public bool TryAppend((ulong Low, ulong High) key, int length, List<int> ids)
    {
        ref Entry entry = ref _entries[Slot(key)];
        if (entry.Length != length || entry.Low != key.Low || entry.High != key.High)
            return false;

        ids.Add(entry.Ids[0]);
        for (int i = 1; i < entry.Count; i++)
            ids.Add(entry.Ids[i]);
        return true;
    }

    /// <summary>Remembers the tokens of a word, if they are few enough.</summary>
    public void Keep((ulong Low, ulong High) key, int length, List<int> ids, int first)
    {
        int count = ids.Count - first;
        if (count is 0 or > Most)
            return;

        ref Entry entry = ref _entries[Slot(key)];
        (entry.Low, entry.High, entry.Length, entry.Count) = (key.Low, key.High, (byte)length, (byte)count);
        for (int i = 0; i < count; i++)
            entry.Ids[i] = ids[first + i];
    }

    private static (ulong Low, ulong High) Key(ReadOnlySpan<byte> word, int length)
    {
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(word), high = BinaryPrimitives.ReadUInt64LittleEndian(word[8..]);
        return length > 8 ? (low, high & Mask(length - 8)) : (low & Mask(length), 0);
    }

    private static ulong Mask(int bytes) => ulong.MaxValue >> (64 - (8 * bytes));

    private static int Slot((ulong Low, ulong High) key) => (int)ByteStringIndex.Mix(key.Low ^ (key.High * 0xD6E8FEB86659FD93)) & (Slots - 1);

    [InlineArray(Most)]
    private struct Tokens
    {
        private int _first;
    }

    private struct Entry
    {
        public ulong Low, High;
        public byte Length, Count;
        public Tokens Ids;
    }
}
