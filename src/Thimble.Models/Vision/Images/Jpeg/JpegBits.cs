namespace Thimble.Models.Vision;

/// <summary>The bits of a scan, greatest first, up to the next marker.</summary>
/// <param name="bytes">The scan's packed values and what follows.</param>
internal ref struct JpegBits(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private ulong _waiting;   // the bits that were taken from bytes, the next one lowest but for _count − 1 below it
    private int _count, _at, _missing;

    /// <summary>The next sixteen bits; zeros behind the end.</summary>
    public int Peek16()
    {
        if (_count < 16)
            Fill();
        return (int)(_waiting >> (_count - 16)) & 0xFFFF;
    }

    /// <summary>Goes past bits that were looked at.</summary>
    /// <exception cref="InvalidDataException">They were not there.</exception>
    public void Skip(int bits)
    {
        _count -= bits;
        if (_count < _missing)
            throw new InvalidDataException("The packed values of the JPEG image end in the middle of a block; it has been cut short or is damaged.");
    }

    /// <summary>Reads a number of up to 16 bits.</summary>
    public int Read(int bits)
    {
        if (bits == 0)
            return 0;
        int value = Peek16() >> (16 - bits);
        Skip(bits);
        return value;
    }

    /// <summary>Reads a number whose greatest bit tells its sign: 0 for those below 0, which count from the least.</summary>
    public int Signed(int bits)
    {
        int value = Read(bits);
        return bits == 0 || value >= 1 << (bits - 1) ? value : value - (1 << bits) + 1;
    }

    /// <summary>Goes past the rest of a byte and the restart marker behind it.</summary>
    /// <exception cref="InvalidDataException">There is another marker, or none.</exception>
    public void Restart(int number)
    {
        (_waiting, _count, _missing) = (0, 0, 0);
        int at = End();
        if (at + 1 >= _bytes.Length || _bytes[at + 1] != 0xD0 + (number & 7))
            throw new InvalidDataException($"The JPEG image lacks its restart marker {number & 7}; it has been cut short or is damaged.");
        _at = at + 2;
    }

    /// <summary>Where the next marker begins.</summary>
    public readonly int End()
    {
        int at = _at;
        while (at + 1 < _bytes.Length && !(_bytes[at] == 0xFF && _bytes[at + 1] is not (0 or 0xFF)))
            at++;
        return at + 1 < _bytes.Length ? at : _bytes.Length;
    }

    private void Fill()
    {
        for (; _count <= 48; _count += 8)
        {
            byte next = 0;
            bool ends = _at >= _bytes.Length || (_bytes[_at] == 0xFF && (_at + 1 == _bytes.Length || _bytes[_at + 1] != 0));
            if (ends)
            {
                _missing += 8;   // zeros that may be looked at, not taken
            }
            else
            {
                next = _bytes[_at];
                _at += next == 0xFF ? 2 : 1;   // a zero behind 0xFF says that it is none of a marker
            }

            _waiting = (_waiting << 8) | next;
        }
    }
}
