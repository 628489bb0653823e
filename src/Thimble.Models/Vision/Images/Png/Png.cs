using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Thimble.Models.Vision;

/// <summary>Reads PNG files: all colour types and depths, interlaced or not; what lets through lies over white.</summary>
/// <remarks>Source: W3C, "Portable Network Graphics (PNG) Specification", third edition, 2025.</remarks>
internal static class Png
{
    private const int ChunkFrame = 12;   // length, type and checksum

    private static readonly byte[] s_signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    [ModuleInitializer]
    internal static void Register() => ImageFiles.Add("PNG", s_signature, Read);

    private static Image Read(ReadOnlySpan<byte> file)
    {
        PngHeader? header = null;
        byte[] palette = [], clear = [];
        using var packed = new MemoryStream();
        for (ReadOnlySpan<byte> rest = file[s_signature.Length..]; ;)
        {
            ReadOnlySpan<byte> body = Chunk(ref rest, out uint type);
            if (header is null && type != 0x49484452)
                throw new InvalidDataException($"The PNG image begins with chunk '{Name(type)}'; expected IHDR.");
            switch (type)
            {
                case 0x49484452:
                    header = header is null ? PngHeader.Read(body) : throw new InvalidDataException("The PNG image has two IHDR chunks.");
                    break;
                case 0x504C5445:
                    palette = body.Length % 3 == 0 ? body.ToArray() : throw new InvalidDataException($"The PNG palette has {body.Length} bytes; expected three a colour.");
                    break;
                case 0x74524E53:
                    clear = body.ToArray();
                    break;
                case 0x49444154:
                    packed.Write(body);
                    break;
                case 0x49454E44:
                    return new PngRows(header!, new PngColours(header!, palette, clear)).Read(packed);
                default:
                    if ((type & 0x20000000) == 0)
                        throw new NotSupportedException($"The PNG image needs chunk '{Name(type)}'; known are IHDR, PLTE, IDAT, IEND and all that may be skipped.");
                    break;
            }
        }
    }

    /// <summary>Takes the next chunk off.</summary>
    private static ReadOnlySpan<byte> Chunk(ref ReadOnlySpan<byte> rest, out uint type)
    {
        if (rest.Length < ChunkFrame)
            throw new InvalidDataException("The PNG image ends before its IEND chunk; it has been cut short.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        if (length > rest.Length - ChunkFrame)
            throw new InvalidDataException($"Chunk '{Name(type)}' of the PNG image has {length} bytes and {rest.Length - ChunkFrame} are left; it has been cut short.");

        ReadOnlySpan<byte> named = rest.Slice(4, (int)length + 4);
        if (Checksum.Of(named) != BinaryPrimitives.ReadUInt32BigEndian(rest[((int)length + 8)..]))
            throw new InvalidDataException($"Chunk '{Name(type)}' of the PNG image does not match its checksum; it is damaged.");
        rest = rest[((int)length + ChunkFrame)..];
        return named[4..];
    }

    private static string Name(uint type) => string.Concat(
        new[] { type >> 24, type >> 16, type >> 8, type }.Select(letter => char.IsAsciiLetter((char)(letter & 0xFF)) ? (char)(letter & 0xFF) : '?'));
}

/// <summary>What a PNG file says about its pixels.</summary>
/// <param name="Width">Pixels of a line.</param>
/// <param name="Height">Lines.</param>
/// <param name="Depth">Bits of a sample.</param>
/// <param name="Colour">0 grey, 2 red, green and blue, 3 places in a palette, 4 and 6 the first two with alpha.</param>
/// <param name="Interlaced">Whether the pixels come in seven passes.</param>
internal sealed record PngHeader(int Width, int Height, int Depth, int Colour, bool Interlaced)
{
    /// <summary>Samples of a pixel.</summary>
    public int Samples => Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>Reads the IHDR chunk.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> body)
    {
        if (body.Length != 13)
            throw new InvalidDataException($"The PNG image's IHDR chunk has {body.Length} bytes; expected 13.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(body), height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        Image.RequireSize("PNG", width, height);
        (int depth, int colour) = (body[8], body[9]);
        bool known = (colour, depth) is (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (!known)
            throw new InvalidDataException($"The PNG image has colour type {colour} at depth {depth}; the two do not go together.");
        return body[10] == 0 && body[11] == 0 && body[12] < 2
            ? new((int)width, (int)height, depth, colour, body[12] == 1)
            : throw new InvalidDataException($"The PNG image names compression {body[10]}, filter {body[11]} and interlace {body[12]}; expected 0, 0, and 0 or 1.");
    }
}
