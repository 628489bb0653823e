using System.Numerics;

namespace Thimble.Models.Tokens;

/// <summary>Byte strings by their prefixes: one hash table holds every edge, eight bytes each.</summary>
internal sealed class Trie
{
    private const int MostNodes = 1 << 24;
    private ulong[] _edges = new ulong[1024];   // (node << 8 | byte) << 24 | child; children are never 0
    private int[] _values = new int[512];       // value + 1 of the string that ends at a node; 0 for none
    private int _nodes = 1;

    /// <summary>The node all strings start from.</summary>
    public const int Root = 0;

    public bool IsEmpty => _nodes == 1;

    /// <summary>Adds a string; a later one of the same bytes replaces its value.</summary>
    /// <exception cref="InvalidDataException">The strings have more prefixes than 24 bits number.</exception>
    public void Add(ReadOnlySpan<byte> text, int value)
    {
        int node = Root;
        foreach (byte b in text)
        {
            int slot = Probe(node, b);
            if (_edges[slot] == 0)
            {
                if (_nodes == MostNodes)
                    throw new InvalidDataException($"Metadata key '{Vocabulary.TokensKey}' holds tokens of more than {MostNodes} prefixes in all.");
                _edges[slot] = ((((ulong)node << 8) | b) << 24) | (uint)_nodes++;
                if (2 * _nodes > _edges.Length)
                    Grow();
                node = _nodes - 1;
                if (node >= _values.Length)
                    Array.Resize(ref _values, 2 * _values.Length);
            }
            else
            {
                node = Child(_edges[slot]);
            }
        }

        _values[node] = value + 1;
    }

    /// <summary>The node one byte further, or −1.</summary>
    public int Step(int node, byte b)
    {
        ulong edge = _edges[Probe(node, b)];
        return edge == 0 ? -1 : Child(edge);
    }

    /// <summary>The value of the string that ends at a node, or −1.</summary>
    public int Value(int node) => _values[node] - 1;

    /// <summary>The longest string that a text starts with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">Receives its value, or −1.</param>
    /// <returns>Its length, or 0.</returns>
    public int Longest(ReadOnlySpan<byte> text, out int value)
    {
        (int node, int length) = (Root, 0);
        value = -1;
        for (int i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            if (node < 0)
                break;
            if (_values[node] != 0)
                (length, value) = (i + 1, Value(node));
        }

        return length;
    }

    private static int Child(ulong edge) => (int)(edge & 0xFFFFFF);

    private int Probe(int node, byte b)
    {
        ulong key = ((ulong)node << 8) | b;
        int mask = _edges.Length - 1, slot = (int)((key * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)_edges.Length)));
        while (_edges[slot] != 0 && _edges[slot] >> 24 != key)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        ulong[] old = _edges;
        _edges = new ulong[2 * old.Length];
        foreach (ulong edge in old)
        {
            if (edge != 0)
                _edges[Probe((int)(edge >> 32), (byte)(edge >> 24))] = edge;
        }
    }
}
