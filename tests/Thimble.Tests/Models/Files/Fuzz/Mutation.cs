using System.Buffers.Binary;

namespace Thimble.Tests.Models;

/// <summary>Breaks an input in one to six places, the way its number says.</summary>
/// <param name="number">The same number always breaks it the same way.</param>
internal sealed class Mutation(int number)
{
    private static readonly ulong[] s_edges =
    [
        0, 1, 2, 7, 8, 9, 12, 31, 32, 33, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x3FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFE0, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFF8, ulong.MaxValue,
    ];

    private static readonly byte[][] s_tokens =
    [
        [.. "{"u8], [.. "}"u8], [.. "["u8], [.. "]"u8], [.. "\""u8], [.. ":"u8], [.. ","u8], [.. "null"u8], [.. "true"u8], [.. "-1"u8], [.. "1e400"u8], [.. "0.5"u8],
        [.. "9223372036854775807"u8], [.. "18446744073709551616"u8], [.. "\\ud800"u8], [.. "\\u0000"u8], [.. "../"u8], [.. "\"a\":"u8], [.. "[[[[[["u8], [0xFF], [0xC0, 0x80],
    ];

    private readonly Random _random = new(number);

    /// <summary>A broken copy of one of the seeds.</summary>
    public byte[] Of(IReadOnlyList<byte[]> seeds)
    {
        var bytes = new List<byte>(seeds[_random.Next(seeds.Count)]);
        for (int breaks = 1 + _random.Next(6); breaks > 0; breaks--)
            Break(bytes, seeds);
        return [.. bytes];
    }

    private void Break(List<byte> bytes, IReadOnlyList<byte[]> seeds)
    {
        // Most of what can go wrong stands in the first kilobyte.
        int at = _random.Next(_random.Next(2) == 0 ? Math.Min(bytes.Count, 1024) + 1 : bytes.Count + 1), left = bytes.Count - at;
        switch (_random.Next(9))
        {
            case 0 when left > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when left > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2 or 3:
                Overwrite(bytes, at);
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(left, 1 + _random.Next(16)));
                break;
            case 5:
                bytes.RemoveRange(at, left);
                break;
            case 6:
                bytes.InsertRange(at, s_tokens[_random.Next(s_tokens.Length)]);
                break;
            case 7:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(left, _random.Next(64))));
                break;
            case 8:
                byte[] other = seeds[_random.Next(seeds.Count)];
                bytes.RemoveRange(at, left);
                bytes.AddRange(other.AsSpan(_random.Next(other.Length + 1)));
                break;
        }
    }

    private void Overwrite(List<byte> bytes, int at)
    {
        Span<byte> edge = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(edge, s_edges[_random.Next(s_edges.Length)]);
        int length = Math.Min(1 << _random.Next(4), bytes.Count - at);
        for (int i = 0; i < length; i++)
            bytes[at + i] = edge[i];
    }
}
