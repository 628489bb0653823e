using System.Buffers.Binary;

namespace Thimble.Models.Vision;

/// <summary>From a PNG's samples to colours over white.</summary>
internal sealed class PngColours
{
    private readonly PngHeader _header;
    private readonly byte[] _palette;   // [colours, 3], already over white
    private readonly int[] _clear = [];   // the samples that let everything through

    /// <param name="header">What the file says about its pixels.</param>
    /// <param name="palette">Shape [colours, 3].</param>
    /// <param name="clear">The tRNS chunk: alphas of the palette's first colours, or the one colour that is clear; empty for none.</param>
    /// <exception cref="InvalidDataException">The palette is missing, or the clear colour has too few bytes.</exception>
    public PngColours(PngHeader header, byte[] palette, byte[] clear)
    {
        (_header, _palette) = (header, [.. palette]);
        if (header.Colour == 3)
        {
            if (palette.Length == 0)
                throw new InvalidDataException("The PNG image's pixels are places in a palette, and it has none.");
            for (int i = 0; i < Math.Min(palette.Length, 3 * clear.Length); i++)
                _palette[i] = Image.OverWhite(palette[i], clear[i / 3]);
        }
        else if (header.Colour is 0 or 2 && clear.Length > 0)
        {
            if (clear.Length != 2 * header.Samples)
                throw new InvalidDataException($"The PNG image's tRNS chunk has {clear.Length} bytes; expected {2 * header.Samples}.");
            _clear = [.. Enumerable.Range(0, header.Samples).Select(i => (int)BinaryPrimitives.ReadUInt16BigEndian(clear.AsSpan(2 * i)))];
        }
    }

    /// <summary>Writes the colours of a line.</summary>
    /// <param name="row">Samples as stored.</param>
    /// <param name="columns">Pixels.</param>
    /// <param name="line">Receives red, green and blue of each.</param>
    /// <param name="step">Bytes from a pixel to the next.</param>
    public void Write(ReadOnlySpan<byte> row, int columns, Span<byte> line, int step)
    {
        Span<int> samples = stackalloc int[4];
        int most = (1 << _header.Depth) - 1;
        for (int pixel = 0; pixel < columns; pixel++)
        {
            Span<byte> colour = line.Slice(pixel * step, 3);
            for (int i = 0; i < _header.Samples; i++)
                samples[i] = Sample(row, (pixel * _header.Samples) + i);
            if (_header.Colour == 3)
            {
                if (3 * samples[0] >= _palette.Length)
                    throw new InvalidDataException($"A pixel of the PNG image is colour {samples[0]} of a palette of {_palette.Length / 3}.");
                _palette.AsSpan(3 * samples[0], 3).CopyTo(colour);
                continue;
            }

            bool coloured = _header.Colour is 2 or 6, hides = !(_clear.Length > 0 && samples[.._header.Samples].SequenceEqual(_clear));
            int alpha = !hides ? 0 : _header.Colour >= 4 ? Eight(samples[_header.Samples - 1], most) : 255;
            for (int i = 0; i < 3; i++)
                colour[i] = Image.OverWhite(Eight(samples[coloured ? i : 0], most), alpha);
        }
    }

    private int Sample(ReadOnlySpan<byte> row, int at) => _header.Depth switch
    {
        8 => row[at],
        16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * at)..]),
        var depth => (row[at * depth / 8] >> (8 - depth - (at * depth % 8))) & ((1 << depth) - 1),
    };

    private static int Eight(int sample, int most) => most > 255 ? sample >> 8 : sample * 255 / most;
}
