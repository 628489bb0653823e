namespace Thimble.Models.Vision;

/// <summary>A component of a scan, and its codes.</summary>
/// <param name="Component">The component.</param>
/// <param name="First">The code of first values; null where the file has none yet.</param>
/// <param name="Others">The code of the other 63.</param>
internal sealed record ScanComponent(JpegComponent Component, HuffmanCode? First, HuffmanCode? Others)
{
    /// <summary>The last block's first value, from which the next counts.</summary>
    public int Before { get; set; }
}

/// <summary>Which values of blocks a scan brings, and which bits of them.</summary>
/// <param name="Start">The first value, in the order of files.</param>
/// <param name="End">The last.</param>
/// <param name="High">The lowest bit that scans before it brought; 0 for none.</param>
/// <param name="Low">The lowest bit that it brings.</param>
internal readonly record struct JpegBand(int Start, int End, int High, int Low);

/// <summary>Reads the values of a scan into its frame.</summary>
/// <remarks>Source: ITU-T T.81, annexes F and G.</remarks>
internal sealed class JpegScan
{
    private const int MostVisits = 20;   // of a value: a bit each of the eleven there are, and some to spare

    private readonly JpegFrame _frame;
    private readonly IReadOnlyList<ScanComponent> _parts;
    private readonly JpegBand _band;
    private readonly int _restart;
    private int _emptyBlocks;   // that follow without any new value

    /// <exception cref="InvalidDataException">The band is none that a scan may have, or a code is missing.</exception>
    public JpegScan(JpegFrame frame, IReadOnlyList<ScanComponent> parts, JpegBand band, int restart)
    {
        (_frame, _parts, _band, _restart) = (frame, parts, frame.Progressive ? band : new(0, 63, 0, 0), restart);
        bool possible = !frame.Progressive || (band.Start == 0
            ? band.End == 0
            : band.Start <= band.End && band.End < 64 && parts.Count == 1);
        if (!possible || band.Low > 13 || (frame.Progressive && band.High != 0 && band.High != band.Low + 1))
            throw new InvalidDataException($"A scan of the JPEG image brings values {band.Start} to {band.End}, bits {band.High} to {band.Low}, of {parts.Count} components; there is no such scan.");
        foreach (ScanComponent part in parts)
        {
            if ((_band.Start == 0 && _band.High == 0 && part.First is null) || (_band.End > 0 && part.Others is null))
                throw new InvalidDataException($"A scan of the JPEG image comes before the Huffman table of component {part.Component.Id}.");
        }
    }

    /// <summary>Reads it.</summary>
    /// <param name="bytes">Its packed values and what follows.</param>
    /// <returns>Where what follows begins.</returns>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        JpegComponent only = _parts[0].Component;
        bool alone = _parts.Count == 1;
        (int across, int down) = alone ? ((only.Width + 7) / 8, (only.Height + 7) / 8) : (_frame.UnitsAcross, _frame.UnitsDown);
        Limit(bytes.Length, (long)across * down, alone ? 1 : _parts.Sum(part => part.Component.Across * part.Component.Down));

        var bits = new JpegBits(bytes);
        int units = across * down;
        for (int unit = 0; unit < units; unit++)
        {
            if (_restart > 0 && unit > 0 && unit % _restart == 0)
                Restart(ref bits, (unit / _restart) - 1);
            (int line, int column) = (unit / across, unit % across);
            if (alone)
                Block(ref bits, _parts[0], only.Block(line, column));
            else
                Unit(ref bits, line, column);
        }

        return bits.End();
    }

    /// <summary>Refuses what would take long: sizes that a file of this length cannot fill, and values visited again and again.</summary>
    private void Limit(int bytes, long units, int blocks)
    {
        // A first scan has a bit for every block at least.
        if (!_parts[0].Component.Seen && _band.Start == 0 && units * blocks > 8L * bytes)
            throw new InvalidDataException($"The JPEG image of {_frame.Width}×{_frame.Height} pixels has {bytes} bytes of them; it has been cut short.");
        _frame.Visited += units * blocks * (_band.End - _band.Start + 1);
        if (_frame.Visited > MostVisits * 64L * _frame.Blocks)
            throw new InvalidDataException($"The scans of the JPEG image bring its values more than {MostVisits} times; no picture needs that.");
    }

    private void Restart(ref JpegBits bits, int number)
    {
        bits.Restart(number);
        _emptyBlocks = 0;
        foreach (ScanComponent part in _parts)
            part.Before = 0;
    }

    private void Unit(ref JpegBits bits, int line, int column)
    {
        foreach (ScanComponent part in _parts)
        {
            JpegComponent component = part.Component;
            for (int y = 0; y < component.Down; y++)
            {
                for (int x = 0; x < component.Across; x++)
                    Block(ref bits, part, component.Block((line * component.Down) + y, (column * component.Across) + x));
            }
        }
    }

    private void Block(ref JpegBits bits, ScanComponent part, Span<short> block)
    {
        if (!_frame.Progressive)
        {
            First(ref bits, part, block);
            Others(ref bits, part.Others!, block, 1);
        }
        else if (_band.Start == 0)
        {
            if (_band.High == 0)
                First(ref bits, part, block);
            else
                block[0] |= (short)(bits.Read(1) << _band.Low);
        }
        else if (_band.High == 0)
        {
            Others(ref bits, part.Others!, block, _band.Start);
        }
        else
        {
            Refine(ref bits, part.Others!, block);
        }
    }

    private void First(ref JpegBits bits, ScanComponent part, Span<short> block)
    {
        int length = part.First!.Read(ref bits);
        if (length > 11)
            throw new InvalidDataException($"A block of the JPEG image has a first value of {length} bits; expected at most 11.");
        part.Before += bits.Signed(length);
        block[0] = (short)(part.Before << _band.Low);
    }

    private void Others(ref JpegBits bits, HuffmanCode code, Span<short> block, int start)
    {
        if (_emptyBlocks > 0)
        {
            _emptyBlocks--;
            return;
        }

        for (int i = start; i <= _band.End; i++)
        {
            int symbol = code.Read(ref bits), zeros = symbol >> 4, length = symbol & 15;
            if (length == 0 && zeros < 15)
            {
                if (zeros > 0 && !_frame.Progressive)
                    throw new InvalidDataException($"A block of the JPEG image has code 0x{symbol:X2}, which only progressive ones have.");
                _emptyBlocks = (1 << zeros) - 1 + bits.Read(zeros);
                return;
            }

            i += zeros;
            if (i > _band.End)
                throw new InvalidDataException("A block of the JPEG image has more than 64 values; it is damaged.");
            if (length > 0)
                block[JpegFrame.Order[i]] = (short)(bits.Signed(length) << _band.Low);
        }
    }

    private void Refine(ref JpegBits bits, HuffmanCode code, Span<short> block)
    {
        int i = _band.Start, step = 1 << _band.Low;
        for (; i <= _band.End && _emptyBlocks == 0; i++)
        {
            int symbol = code.Read(ref bits), zeros = symbol >> 4, fresh = 0;
            if ((symbol & 15) != 0)
            {
                fresh = bits.Read(1) == 1 ? step : -step;
            }
            else if (zeros < 15)
            {
                _emptyBlocks = (1 << zeros) + bits.Read(zeros);
                break;
            }

            for (; i <= _band.End; i++)
            {
                ref short value = ref block[JpegFrame.Order[i]];
                if (value != 0)
                {
                    Improve(ref bits, ref value, step);
                }
                else if (zeros-- == 0)
                {
                    value = (short)fresh;
                    break;
                }
            }
        }

        if (_emptyBlocks == 0)
            return;
        for (; i <= _band.End; i++)
        {
            ref short value = ref block[JpegFrame.Order[i]];
            if (value != 0)
                Improve(ref bits, ref value, step);
        }

        _emptyBlocks--;
    }

    private static void Improve(ref JpegBits bits, ref short value, int step)
    {
        if (bits.Read(1) == 1 && (value & step) == 0)
            value += (short)(value > 0 ? step : -step);
    }
}
