namespace Thimble.Models.Vision;

/// <summary>A prefix code of at most 16 bits, given by how many symbols there are of each length.</summary>
/// <remarks>Source: ITU-T T.81, annexes C and F.2.2.3. Codes of up to nine bits, nearly all there are, are found by one look.</remarks>
internal sealed class HuffmanCode
{
    private const int Quick = 9;

    private readonly byte[] _symbols;
    private readonly ushort[] _quick = new ushort[1 << Quick];   // length and symbol, by the next nine bits; 0 for longer codes
    private readonly int[] _ends = new int[17], _offsets = new int[17];   // of each length the code behind the last, and where its symbols begin

    /// <param name="counts">Symbols of 1 to 16 bits, shape [16].</param>
    /// <param name="symbols">They, shortest first.</param>
    /// <exception cref="InvalidDataException">There are more codes of a length than there is room for.</exception>
    public HuffmanCode(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        _symbols = symbols.ToArray();
        int code = 0, symbol = 0;
        for (int length = 1; length <= 16; length++, code <<= 1)
        {
            _offsets[length] = symbol - code;
            for (int i = 0; i < counts[length - 1]; i++, code++, symbol++)
            {
                if (code >= 1 << length)
                    throw new InvalidDataException($"A Huffman table of the JPEG image has more codes of {length} bits than there are.");
                if (length <= Quick)
                    _quick.AsSpan(code << (Quick - length), 1 << (Quick - length)).Fill((ushort)((length << 8) | symbols[symbol]));
            }

            _ends[length] = code;
        }
    }

    /// <summary>Reads a symbol.</summary>
    /// <exception cref="InvalidDataException">The bits are no code, or end.</exception>
    public int Read(ref JpegBits bits)
    {
        int next = bits.Peek16(), quick = _quick[next >> (16 - Quick)];
        if (quick != 0)
        {
            bits.Skip(quick >> 8);
            return quick & 255;
        }

        for (int length = Quick + 1; length <= 16; length++)
        {
            int code = next >> (16 - length);
            if (code < _ends[length])
            {
                bits.Skip(length);
                return _symbols[code + _offsets[length]];
            }
        }

        throw new InvalidDataException("The JPEG image has bits that are no code of its Huffman table; it is damaged.");
    }
}
