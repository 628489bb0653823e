using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Vision;

/// <summary>Reads JPEG files: baseline, extended and progressive with Huffman codes, grey, colour or four inks, turned as EXIF says.</summary>
/// <remarks>Source: ITU-T, "Recommendation T.81", 1992; colours by ITU-T T.871 (JFIF), 2011; four inks as Adobe stores them, inverted.</remarks>
internal sealed class Jpeg
{
    private const int MostScans = 200;

    private readonly ushort[][] _steps = new ushort[4][];   // quantisation tables, in natural order
    private readonly HuffmanCode?[] _first = new HuffmanCode?[4], _others = new HuffmanCode?[4];
    private JpegFrame? _frame;
    private int _restart, _orientation = 1, _scans;
    private int? _adobe;
    private bool _jfif;

    [ModuleInitializer]
    internal static void Register() => ImageFiles.Add("JPEG", [0xFF, 0xD8, 0xFF], file => new Jpeg().Read(file));

    private Image Read(ReadOnlySpan<byte> file)
    {
        int at = 2;
        while (true)
        {
            byte marker = Marker(file, ref at);
            if (marker == 0xD9)
                break;
            if (marker is >= 0xD0 and <= 0xD8 or 1)
                continue;

            ReadOnlySpan<byte> body = Body(file, marker, ref at);
            if (marker == 0xDA)
                at += Scan(body, file[at..]);
            else
                Segment(marker, body);
        }

        if (_frame is null || _scans == 0)
            throw new InvalidDataException($"The JPEG image ends without {(_frame is null ? "a frame" : "a scan")}; it has been cut short.");
        return new JpegColours(_frame, Colours(_frame)).Compose(_steps).Oriented(_orientation);
    }

    private static byte Marker(ReadOnlySpan<byte> file, ref int at)
    {
        int start = at;
        while (at < file.Length && file[at] == 0xFF)
            at++;
        if (at == file.Length)
            throw new InvalidDataException("The JPEG image ends before its last marker; it has been cut short.");
        return at > start ? file[at++] : throw new InvalidDataException($"Byte {at} of the JPEG image is 0x{file[at]:X2}; expected a marker, which begins with 0xFF.");
    }

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> file, byte marker, ref int at)
    {
        int length = at + 2 <= file.Length ? BinaryPrimitives.ReadUInt16BigEndian(file[at..]) : int.MaxValue;
        if (length < 2 || length > file.Length - at)
            throw new InvalidDataException($"Segment 0x{marker:X2} at byte {at} of the JPEG image has no such length as it says; the image has been cut short.");
        ReadOnlySpan<byte> body = file.Slice(at + 2, length - 2);
        at += length;
        return body;
    }

    private void Segment(byte marker, ReadOnlySpan<byte> body)
    {
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2:
                _frame = _frame is null ? JpegFrame.Read(body, progressive: marker == 0xC2) : throw new InvalidDataException("The JPEG image has two frames.");
                break;
            case 0xC4:
                Codes(body);
                break;
            case 0xDB:
                Tables(body);
                break;
            case 0xDD:
                _restart = BinaryPrimitives.ReadUInt16BigEndian(Take(ref body, 2, marker));
                break;
            case 0xE0:
                _jfif |= body.StartsWith("JFIF\0"u8);
                break;
            case 0xE1 when body.StartsWith("Exif\0\0"u8):
                _orientation = Exif.Orientation(body[6..]) ?? _orientation;
                break;
            case 0xEE when body.StartsWith("Adobe"u8) && body.Length >= 12:
                _adobe = body[11];
                break;
            case >= 0xC3 and <= 0xCF:
                throw new NotSupportedException($"The JPEG image has a frame of kind 0x{marker:X2}; known are 0xC0, 0xC1 and 0xC2: baseline, extended and progressive with Huffman codes.");
            default:
                break;
        }
    }

    private void Tables(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            byte kind = Take(ref body, 1, 0xDB)[0];
            if ((kind & 15) > 3 || kind >> 4 > 1)
                throw new InvalidDataException($"A quantisation table of the JPEG image has number 0x{kind:X2}; expected 0 to 3 of 8 or 16 bits.");
            ushort[] table = new ushort[64];
            ReadOnlySpan<byte> values = Take(ref body, 64 << (kind >> 4), 0xDB);
            for (int i = 0; i < 64; i++)
                table[JpegFrame.Order[i]] = kind < 16 ? values[i] : BinaryPrimitives.ReadUInt16BigEndian(values[(2 * i)..]);
            _steps[kind & 15] = table;
        }
    }

    private void Codes(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            byte kind = Take(ref body, 1, 0xC4)[0];
            if ((kind & 15) > 3 || kind >> 4 > 1)
                throw new InvalidDataException($"A Huffman table of the JPEG image has number 0x{kind:X2}; expected 0 to 3 of kind 0 or 1.");
            ReadOnlySpan<byte> counts = Take(ref body, 16, 0xC4);
            int symbols = 0;
            foreach (byte count in counts)
                symbols += count;
            (kind < 16 ? _first : _others)[kind & 15] = new HuffmanCode(counts, Take(ref body, symbols, 0xC4));
        }
    }

    /// <returns>Bytes of packed values behind the scan's header.</returns>
    private int Scan(ReadOnlySpan<byte> body, ReadOnlySpan<byte> rest)
    {
        if (_frame is null)
            throw new InvalidDataException("A scan of the JPEG image stands before its frame.");
        if (++_scans > MostScans)
            throw new InvalidDataException($"The JPEG image has more than {MostScans} scans; no picture needs so many.");

        int count = Take(ref body, 1, 0xDA)[0];
        ReadOnlySpan<byte> parts = Take(ref body, 2 * Math.Min(count, 4), 0xDA), band = Take(ref body, 3, 0xDA);
        var components = new List<ScanComponent>();
        for (int i = 0; i < parts.Length / 2; i++)
        {
            JpegComponent component = _frame.Component(parts[2 * i]);
            int codes = parts[(2 * i) + 1];
            if (codes >> 4 > 3 || (codes & 15) > 3 || components.Any(other => other.Component == component))
                throw new InvalidDataException($"A scan of the JPEG image names component {component.Id} twice, or with tables 0x{codes:X2}.");
            components.Add(new(component, _first[codes >> 4], _others[codes & 15]));
        }

        if (count is < 1 or > 4 || (count > 1 && components.Sum(part => part.Component.Across * part.Component.Down) > 10))
            throw new InvalidDataException($"A scan of the JPEG image interleaves {count} components; expected 1 to 4 of at most ten blocks together.");
        var scan = new JpegScan(_frame, components, new(band[0], band[1], band[2] >> 4, band[2] & 15), _restart);
        return scan.Read(rest);
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> body, int length, byte marker)
    {
        if (length > body.Length)
            throw new InvalidDataException($"Segment 0x{marker:X2} of the JPEG image is too short: {length} bytes more were expected and {body.Length} are left.");
        ReadOnlySpan<byte> taken = body[..length];
        body = body[length..];
        return taken;
    }

    private JpegColourKind Colours(JpegFrame frame) => frame.Components.Count switch
    {
        1 => JpegColourKind.Grey,
        3 => _adobe == 0 || (_adobe is null && !_jfif && frame.Components.Select(part => part.Id).SequenceEqual("RGB"u8.ToArray()))
            ? JpegColourKind.RedGreenBlue
            : JpegColourKind.Luma,
        _ => _adobe is 2 ? JpegColourKind.LumaInks : _adobe is null ? JpegColourKind.Inks : JpegColourKind.InvertedInks,
    };
}
