using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>The six-bit codes of super-blocks in twelve bytes, and codes into scales.</summary>
/// <remarks>Source: ggml, <c>ggml-quants.c</c>, the scales of Q3_K, Q4_K and Q5_K.</remarks>
internal static class SuperScales
{
    /// <summary>Eight scales and eight offsets of Q4_K and Q5_K.</summary>
    /// <param name="codes">The packed codes, shape [12].</param>
    /// <param name="scale">What the codes of scales are multiplied with.</param>
    /// <param name="floor">What the codes of offsets are multiplied with; offsets are below zero.</param>
    /// <param name="scales">Receives the scales, shape [8].</param>
    /// <param name="offsets">Receives the offsets, shape [8].</param>
    public static void Unpack8(ReadOnlySpan<byte> codes, float scale, float floor, Span<float> scales, Span<float> offsets)
    {
        // Four codes at a time: the first four of each kind keep six bits of a byte, the last four are a nibble of the
        // third word with the two top bits that the first four left free.
        uint a = BinaryPrimitives.ReadUInt32LittleEndian(codes), b = BinaryPrimitives.ReadUInt32LittleEndian(codes[4..]);
        uint c = BinaryPrimitives.ReadUInt32LittleEndian(codes[8..]);
        var packed = Vector128.Create(
            a & 0x3F3F3F3F, (c & 0x0F0F0F0F) | ((a >> 2) & 0x30303030),
            b & 0x3F3F3F3F, ((c >> 4) & 0x0F0F0F0F) | ((b >> 2) & 0x30303030)).AsByte();
        (Vector128<ushort> first, Vector128<ushort> second) = Vector128.Widen(packed);
        Multiply(first.AsInt16(), scale, scales);
        Multiply(second.AsInt16(), -floor, offsets);
    }

    /// <summary>The inverse of <see cref="Unpack8"/>.</summary>
    public static void Pack8(ReadOnlySpan<byte> scales, ReadOnlySpan<byte> floors, Span<byte> codes)
    {
        for (int i = 0; i < 4; i++)
        {
            codes[i] = (byte)(scales[i] | (scales[i + 4] >> 4 << 6));
            codes[i + 4] = (byte)(floors[i] | (floors[i + 4] >> 4 << 6));
            codes[i + 8] = (byte)((scales[i + 4] & 15) | (floors[i + 4] << 4));
        }
    }

    /// <summary>Sixteen codes of Q3_K, in [0, 63].</summary>
    public static Vector128<sbyte> Unpack16(ReadOnlySpan<byte> codes)
    {
        uint a = BinaryPrimitives.ReadUInt32LittleEndian(codes), b = BinaryPrimitives.ReadUInt32LittleEndian(codes[4..]);
        uint c = BinaryPrimitives.ReadUInt32LittleEndian(codes[8..]);
        return Vector128.Create(
            (a & 0x0F0F0F0F) | ((c << 4) & 0x30303030), (b & 0x0F0F0F0F) | ((c << 2) & 0x30303030),
            ((a >> 4) & 0x0F0F0F0F) | (c & 0x30303030), ((b >> 4) & 0x0F0F0F0F) | ((c >> 2) & 0x30303030)).AsSByte();
    }

    /// <summary>The inverse of <see cref="Unpack16"/> for codes in [-32, 31].</summary>
    public static void Pack16(ReadOnlySpan<sbyte> scales, Span<byte> codes)
    {
        codes.Clear();
        for (int i = 0; i < 16; i++)
        {
            int code = scales[i] + 32;
            codes[i % 8] |= (byte)((code & 15) << (i / 8 * 4));
            codes[8 + (i % 4)] |= (byte)((code >> 4) << (i / 4 * 2));
        }
    }

    /// <summary>Sixteen codes times one scale.</summary>
    public static void Multiply(Vector128<sbyte> codes, float scale, Span<float> scales)
    {
        (Vector128<short> first, Vector128<short> second) = Vector128.Widen(codes);
        Multiply(first, scale, scales);
        Multiply(second, scale, scales[8..]);
    }

    private static void Multiply(Vector128<short> codes, float scale, Span<float> scales)
    {
        (Vector128<int> first, Vector128<int> second) = Vector128.Widen(codes);
        (Vector128.ConvertToSingle(first) * scale).CopyTo(scales);
        (Vector128.ConvertToSingle(second) * scale).CopyTo(scales[4..]);
    }
}
