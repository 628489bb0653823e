using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>Splits and joins the small fields that share a byte, sixteen bytes at a time.</summary>
internal static class Bits
{
    private static readonly Vector128<byte> s_bit = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);

    /// <summary>The low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LowNibbles(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    /// <summary>The high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HighNibbles(Vector128<byte> bytes) =>
        (bytes.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15);

    /// <summary>Two bits of each byte, from bit <paramref name="shift"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Pairs(Vector128<byte> bytes, int shift) =>
        (bytes.AsUInt16() >>> shift).AsByte() & Vector128.Create((byte)3);

    /// <summary>All ones in byte i where bit i of <paramref name="mask"/> is set, zero elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Spread(uint mask)
    {
        var chosen = Vector128.Shuffle(Vector128.CreateScalarUnsafe(mask).AsByte(), Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        return Vector128.Equals(chosen & s_bit, s_bit);
    }

    /// <summary>Bit i is set where byte i is not zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Gather(Vector128<byte> bytes) => ~Vector128.Equals(bytes, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;

    /// <summary>Two nibbles in each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Join(Vector128<byte> low, Vector128<byte> high) => low | (high.AsUInt16() << 4).AsByte();

    /// <summary>Four pairs of bits in each byte, the first lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Join(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth) =>
        first | (second.AsUInt16() << 2).AsByte() | (third.AsUInt16() << 4).AsByte() | (fourth.AsUInt16() << 6).AsByte();

    /// <summary>Sixteen bytes from <paramref name="at"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ReadOnlySpan<byte> bytes, int at) => Vector128.Create(bytes.Slice(at, 16));

    /// <summary>Writes sixteen bytes as signed ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> value, Span<sbyte> target, int at) => value.AsSByte().CopyTo(target.Slice(at, 16));

    /// <summary>Sixteen signed bytes from <paramref name="at"/> on, moved up by <paramref name="shift"/> so that none is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadRaised(ReadOnlySpan<sbyte> quants, int at, int shift) =>
        Vector128.Create(quants.Slice(at, 16)).AsByte() + Vector128.Create((byte)shift);
}
