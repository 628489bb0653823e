using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Thimble.Models.Files;

/// <summary>Walks the header of a GGUF file; whatever the file claims, it stays inside.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="bytes">The file's first bytes, at most <see cref="Gguf.HeaderLimit"/>.</param>
/// <param name="fileLength">Length of the whole file in bytes.</param>
internal ref struct GgufCursor(string path, ReadOnlySpan<byte> bytes, long fileLength)
{
    /// <summary>The deepest array of arrays that is read.</summary>
    private const int DepthLimit = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private long _textLeft = Gguf.TextLimit;

    /// <summary>Bytes walked so far.</summary>
    public int Position { get; private set; }

    /// <summary>What is being read, for messages.</summary>
    public string Where { get; set; } = "the header";

    /// <summary>Bytes not yet walked.</summary>
    public readonly int Left => _bytes.Length - Position;

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)Left)
        {
            throw Invalid(fileLength > _bytes.Length
                ? $"reaches beyond {Gguf.HeaderLimit} bytes, the most a header may take"
                : $"wants {length} bytes at offset {Position}; the file ends {Left} bytes later");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    /// <summary>The next string, as bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(UInt64());

    /// <summary>The next string, which is a name: valid, short and not empty.</summary>
    public string Name(int limit)
    {
        ReadOnlySpan<byte> name = Bytes();
        if (name.IsEmpty || name.Length > limit)
            throw Invalid($"has a name of {name.Length} bytes; expected 1 to {limit}");
        if (!Utf8.IsValid(name))
            throw Invalid($"has a name that is no UTF-8: {Convert.ToHexString(name[..Math.Min(name.Length, 32)])}");
        return Text(name);
    }

    /// <summary>Bytes as text; what is no UTF-8 is replaced.</summary>
    public string Text(ReadOnlySpan<byte> bytes)
    {
        _textLeft -= bytes.Length;
        return _textLeft >= 0
            ? Encoding.UTF8.GetString(bytes)
            : throw Invalid($"has more than {Gguf.TextLimit} bytes of names and text");
    }

    public GgufKind Kind() => UInt32() is var kind && Enum.IsDefined((GgufKind)kind)
        ? (GgufKind)kind
        : throw Invalid($"has value type {kind}; known: 0 to {(uint)GgufKind.Float64}");

    /// <summary>Walks past an array, checking that all of it is there.</summary>
    /// <returns>Its elements' kind, their number, and where the first begins.</returns>
    public (GgufKind Kind, int Count, int Start) SkipArray(int depth = 1)
    {
        if (depth > DepthLimit)
            throw Invalid($"nests arrays more than {DepthLimit} deep");

        GgufKind kind = Kind();
        ulong count = UInt64();
        int start = Position, least = kind switch { GgufKind.String => 8, GgufKind.Array => 12, _ => kind.Size };
        if (count > (ulong)(Left / least))
            throw Invalid($"claims an array of {count} elements; the {Left} bytes left hold at most {Left / least}");

        if (kind.Size > 0)
            Position += (int)count * kind.Size;
        else if (kind == GgufKind.String)
            SkipStrings((int)count);
        for (ulong i = 0; kind == GgufKind.Array && i < count; i++)
            SkipArray(depth + 1);
        return (kind, (int)count, start);
    }

    public readonly InvalidDataException Invalid(string problem) => new($"'{path}': {Where} {problem}.");

    private void SkipStrings(int count)
    {
        int position = Position;
        for (int i = 0; i < count; i++)
        {
            ulong length = _bytes.Length - position >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes[position..]) : ulong.MaxValue;
            if (length > (ulong)Math.Max(0, _bytes.Length - position - 8))
            {
                Position = position;
                throw Invalid($"ends in the middle of string {i} of {count}, at offset {position}");
            }

            position += 8 + (int)length;
        }

        Position = position;
    }
}
