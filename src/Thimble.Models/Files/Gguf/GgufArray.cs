using System.Buffers.Binary;
using System.Text;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>An array that stays in its file until its elements are asked for.</summary>
/// <param name="where">File and key, for messages.</param>
/// <param name="kind">What the elements are.</param>
/// <param name="count">Elements.</param>
/// <param name="payload">The elements as the file holds them; walked once before, so all lengths fit.</param>
internal sealed class GgufArray(string where, GgufKind kind, int count, Region payload) : MetadataArray
{
    public override int Count { get; } = count;

    internal override GgufKind Kind { get; } = kind;

    /// <summary>The elements as the file holds them.</summary>
    internal ReadOnlySpan<byte> Payload => payload.Slice(0, checked((int)payload.Length));

    public override string[] Texts() => Strings(Encoding.UTF8.GetString);

    public override byte[][] Bytes() => Strings(bytes => bytes.ToArray());

    public override long[] Integers() => Values<long>("whole numbers", Kind switch
    {
        GgufKind.UInt8 => bytes => bytes[0],
        GgufKind.Int8 => bytes => (sbyte)bytes[0],
        GgufKind.UInt16 => bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        GgufKind.Int16 => bytes => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        GgufKind.UInt32 => bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        GgufKind.Int32 => bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        GgufKind.UInt64 => bytes => BinaryPrimitives.ReadUInt64LittleEndian(bytes) is var value && value <= long.MaxValue
            ? (long)value
            : throw new InvalidDataException($"{where} holds {value}; expected at most {long.MaxValue}."),
        GgufKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian,
        _ => null,
    });

    public override double[] Numbers() => Kind switch
    {
        GgufKind.Float32 => Values<double>("numbers", bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        GgufKind.Float64 => Values<double>("numbers", BinaryPrimitives.ReadDoubleLittleEndian),
        _ when Kind.Size > 0 && Kind != GgufKind.Bool => Array.ConvertAll(Integers(), value => (double)value),
        _ => Values<double>("numbers", null),
    };

    public override bool[] Flags() => Values<bool>("flags", Kind == GgufKind.Bool ? bytes => bytes[0] != 0 : null);

    public override MetadataArray[] Arrays()
    {
        if (Kind != GgufKind.Array)
            return Values<MetadataArray>("arrays", null);

        var arrays = new MetadataArray[Count];
        var cursor = new GgufCursor(where, Payload, payload.Length);
        for (int i = 0; i < arrays.Length; i++)
        {
            (GgufKind kind, int count, int start) = cursor.SkipArray();
            arrays[i] = new GgufArray(where, kind, count, payload.Part(start, cursor.Position - start));
        }

        return arrays;
    }

    public override string ToString() => $"array of {Count} {Kind}";

    private T[] Values<T>(string expected, Func<ReadOnlySpan<byte>, T>? read)
    {
        if (Count == 0)
            return [];
        if (read is null)
            throw new InvalidDataException($"{where} is an {this}; expected {expected}.");

        var values = new T[Count];
        ReadOnlySpan<byte> bytes = Payload;
        for (int i = 0, size = Kind.Size; i < values.Length; i++)
            values[i] = read(bytes.Slice(i * size, size));
        return values;
    }

    private T[] Strings<T>(Func<ReadOnlySpan<byte>, T> read)
    {
        if (Kind != GgufKind.String)
            return Values<T>("text", null);

        var values = new T[Count];
        ReadOnlySpan<byte> bytes = Payload;
        for (int i = 0; i < values.Length; i++)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            values[i] = read(bytes.Slice(8, length));
            bytes = bytes[(8 + length)..];
        }

        return values;
    }
}
