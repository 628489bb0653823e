namespace Thimble.Models.Vision;

/// <summary>The checksum of PNG's chunks: the remainder by the polynomial 0xEDB88320, bits reversed.</summary>
/// <remarks>Source: W3C, "Portable Network Graphics (PNG) Specification", third edition, 2025, annex D.</remarks>
internal static class Checksum
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(Remainder)];

    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes)
            sum = s_table[(byte)(sum ^ value)] ^ (sum >> 8);
        return ~sum;
    }

    private static uint Remainder(int value)
    {
        uint remainder = (uint)value;
        for (int bit = 0; bit < 8; bit++)
            remainder = (remainder & 1) == 0 ? remainder >> 1 : 0xEDB88320 ^ (remainder >> 1);
        return remainder;
    }
}
