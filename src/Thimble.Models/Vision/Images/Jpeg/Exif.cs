using System.Buffers.Binary;

namespace Thimble.Models.Vision;

/// <summary>Reads how a camera was held from what it wrote beside a picture.</summary>
/// <remarks>Source: CIPA DC-008, "Exchangeable image file format", 2019, sections 4.5 and 4.6.4 (tag 274). What cannot be read says nothing.</remarks>
internal static class Exif
{
    private const int OrientationTag = 274, ShortKind = 3, EntryBytes = 12;

    /// <summary>The orientation, 1 to 8; null where it is not told.</summary>
    /// <param name="tiff">The segment behind its name.</param>
    public static int? Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8 || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8)))
            return null;

        bool little = tiff[0] == 'I';
        uint start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
            return null;
        ReadOnlySpan<byte> entries = tiff[((int)start + 2)..];
        int count = Math.Min(Short(tiff[(int)start..], little), entries.Length / EntryBytes);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(i * EntryBytes, EntryBytes);
            if (Short(entry, little) == OrientationTag && Short(entry[2..], little) == ShortKind)
                return Short(entry[8..], little) is >= 1 and <= 8 and var orientation ? orientation : null;
        }

        return null;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
