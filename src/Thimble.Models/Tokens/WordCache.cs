using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Remembers the tokens of short words: a fixed table in which a word replaces the one whose slot it falls into.</summary>
/// <remarks>Language repeats itself: a few thousand words make up nearly all of a text. The table never grows.</remarks>
internal sealed class WordCache
{
    /// <summary>The longest word remembered, in bytes.</summary>
    public const int LongestWord = 16;

    private const int Most = 6, Slots = 1 << 14;
    private readonly Entry[] _entries = new Entry[Slots];

    /// <summary>A word of at most <see cref="LongestWord"/> bytes as a number, read where it lies.</summary>
    public static UInt128 Key(ReadOnlySpan<byte> text, int start, int length)
    {
        UInt128 key;
        if (start + LongestWord <= text.Length)
        {
            key = BinaryPrimitives.ReadUInt128LittleEndian(text[start..]);
        }
        else
        {
            Span<byte> padded = stackalloc byte[LongestWord];
            padded.Clear();
            text.Slice(start, length).CopyTo(padded);
            key = BinaryPrimitives.ReadUInt128LittleEndian(padded);
        }

        return length == LongestWord ? key : key & ((UInt128.One << (8 * length)) - 1);
    }

    /// <summary>Appends the tokens of a word, if they are remembered.</summary>
    public bool TryAppend(UInt128 key, int length, List<int> ids)
    {
        ref Entry entry = ref _entries[Slot(key)];
        if (entry.Length != length || entry.Key != key)
            return false;

        ids.Add(entry.Ids[0]);
        for (int i = 1; i < entry.Count; i++)
            ids.Add(entry.Ids[i]);
        return true;
    }

    /// <summary>Remembers the tokens of a word, if they are few enough.</summary>
    public void Keep(UInt128 key, int length, List<int> ids, int first)
    {
        int count = ids.Count - first;
        if (count is 0 or > Most)
            return;

        ref Entry entry = ref _entries[Slot(key)];
        (entry.Key, entry.Length, entry.Count) = (key, (byte)length, (byte)count);
        for (int i = 0; i < count; i++)
            entry.Ids[i] = ids[first + i];
    }

    private static int Slot(UInt128 key) => (int)ByteStringIndex.Mix((ulong)key ^ ((ulong)(key >> 64) * 0xD6E8FEB86659FD93)) & (Slots - 1);

    [InlineArray(Most)]
    private struct Tokens
    {
        private int _first;
    }

    private struct Entry
    {
        public UInt128 Key;
        public byte Length, Count;
        public Tokens Ids;
    }
}
