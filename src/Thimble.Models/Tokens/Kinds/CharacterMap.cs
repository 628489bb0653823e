using System.Buffers.Binary;

namespace Thimble.Models.Tokens;

/// <summary>SentencePiece's normalisation: the longest prefix of the text that the map knows is replaced.</summary>
/// <remarks>The prefixes are a double array whose nodes are xor-ed with the next byte: bits 0 to 7 and 31 check that byte,
/// bit 8 says that a replacement hangs there, bits 10 to 30 (shifted by 8 if bit 9 is set) lead on.
/// Source: Kudo and Richardson, "SentencePiece", 2018, section 3.2; Kanda et al., 2018, for the array.</remarks>
internal sealed class CharacterMap
{
    public const string Key = "tokenizer.ggml.precompiled_charsmap";
    private readonly uint[] _nodes;
    private readonly byte[] _replacements;

    /// <exception cref="InvalidDataException">The map is cut short.</exception>
    public CharacterMap(ReadOnlySpan<byte> packed)
    {
        long bytes = packed.Length < 4 ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(packed);
        if (bytes + 4 >= packed.Length)
            throw new InvalidDataException($"Metadata key '{Key}' has {packed.Length} bytes; its head promises more.");

        _nodes = new uint[bytes / 4];
        for (int i = 0; i < _nodes.Length; i++)
            _nodes[i] = BinaryPrimitives.ReadUInt32LittleEndian(packed[(4 + (4 * i))..]);
        _replacements = packed[(int)(4 + bytes)..].ToArray();
    }

    /// <summary>The longest known prefix of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="replacement">Receives what it becomes.</param>
    /// <returns>Its length, or 0.</returns>
    /// <exception cref="InvalidDataException">The map points outside itself.</exception>
    public int Find(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        int length = 0;
        uint value = 0, node = Base(Node(0));
        for (int i = 0; i < text.Length && text[i] != 0; i++)
        {
            node ^= text[i];
            uint packed = Node(node);
            if ((packed & 0x800000FF) != text[i])
                break;

            node ^= Base(packed);
            if ((packed >> 8 & 1) != 0)
                (length, value) = (i + 1, Node(node) & 0x7FFFFFFF);
        }

        replacement = [];
        if (length == 0)
            return 0;
        if (value >= _replacements.Length)
            throw Outside();

        replacement = _replacements.AsSpan((int)value);
        int end = replacement.IndexOf((byte)0);
        replacement = end < 0 ? throw Outside() : replacement[..end];
        return length;
    }

    private static uint Base(uint packed) => (packed >> 10) << (int)((packed & (1 << 9)) >> 6);

    private static InvalidDataException Outside() => new($"Metadata key '{Key}' points outside itself.");

    private uint Node(uint node) => node < _nodes.Length ? _nodes[node] : throw Outside();
}
