using System.Buffers.Binary;
using System.Numerics;

namespace Thimble.Models.Tokens;

/// <summary>Finds the number of a byte string: open addressing, with a part of the hash beside each number.</summary>
internal sealed class ByteStringIndex
{
    private const ulong Odd = 0x9E3779B97F4A7C15;
    private readonly ByteStrings _strings;
    private ulong[] _slots;   // tag << 32 | number + 1; 0 is free
    private int _count;

    public ByteStringIndex(ByteStrings strings, int capacity)
    {
        _strings = strings;
        _slots = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * capacity))];
    }

    /// <summary>The longest string added, in bytes.</summary>
    public int Longest { get; private set; }

    /// <summary>Adds a string by its number.</summary>
    /// <returns>Its number, or that of the equal string already there.</returns>
    public int Add(int number)
    {
        if (2 * _count >= _slots.Length)
            Grow();
        ReadOnlySpan<byte> text = _strings[number];
        ulong hash = Hash(text);
        int slot = Probe(text, hash);
        if (_slots[slot] != 0)
            return Number(_slots[slot]);

        _slots[slot] = (hash & 0xFFFFFFFF00000000) | (uint)(number + 1);
        _count++;
        Longest = Math.Max(Longest, text.Length);
        return number;
    }

    /// <summary>The number of a string, or −1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        if (text.Length > Longest)
            return -1;

        ulong found = _slots[Probe(text, Hash(text))];
        return found == 0 ? -1 : Number(found);
    }

    /// <summary>Mixes all bits of a number into all others.</summary>
    public static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Odd, out ulong low);
        return high ^ low;
    }

    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        ulong hash = (ulong)text.Length * Odd;
        for (; text.Length >= 8; text = text[8..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));

        ulong rest = 0;
        foreach (byte b in text)
            rest = (rest << 8) | b;
        return Mix(hash ^ rest ^ Odd);
    }

    private static int Number(ulong slot) => (int)(uint)slot - 1;

    private int Probe(ReadOnlySpan<byte> text, ulong hash)
    {
        int mask = _slots.Length - 1, slot = (int)hash & mask;
        while (_slots[slot] != 0 && !(_slots[slot] >> 32 == hash >> 32 && _strings[Number(_slots[slot])].SequenceEqual(text)))
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        ulong[] old = _slots;
        _slots = new ulong[2 * old.Length];
        foreach (ulong entry in old)
        {
            if (entry != 0)
                _slots[Probe(_strings[Number(entry)], Hash(_strings[Number(entry)]))] = entry;
        }
    }
}
