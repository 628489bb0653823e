using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Reads GGUF, version 2 and 3, little endian: the header at once, arrays and tensors when they are asked for.</summary>
/// <remarks>Source: the GGUF specification, ggml, <c>docs/gguf.md</c>.</remarks>
internal static class Gguf
{
    /// <summary>The most bytes of a file that are searched for its metadata and tensor list.</summary>
    public const int HeaderLimit = 256 << 20;

    /// <summary>The most bytes of keys, names and single texts; arrays do not count.</summary>
    public const int TextLimit = 64 << 20;

    /// <summary>The most metadata keys.</summary>
    public const int KeyLimit = 1 << 16;

    /// <summary>The most tensors of one file.</summary>
    public const int TensorLimit = 1 << 18;

    /// <summary>Where tensors begin if the file does not say.</summary>
    public const int DefaultAlignment = 32;

    private const int NameLimit = ushort.MaxValue;

    [ModuleInitializer]
    internal static void Register() => ModelFiles.Add("GGUF", start => start.Bytes.AsSpan().StartsWith("GGUF"u8), Open);

    /// <summary>Opens a file, and all others if it is one of several parts.</summary>
    public static ModelFile Open(string path)
    {
        var map = MappedFile.Open(path);
        try
        {
            GgufPart part = Read(path, map.Region);
            return GgufSplit.Find(path, part.Metadata) is { } split
                ? split.Open(path, part, map)
                : new ModelFile(path, part.Metadata, part.Tensors, map);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Reads the header of one file.</summary>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="file">All of its bytes.</param>
    /// <exception cref="InvalidDataException">The file is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">The file is of another version or byte order.</exception>
    public static GgufPart Read(string path, Region file)
    {
        var cursor = new GgufCursor(path, file.Slice(0, (int)Math.Min(file.Length, HeaderLimit)), file.Length);
        CheckMagic(path, ref cursor);
        ulong tensors = cursor.UInt64(), keys = cursor.UInt64();
        if (keys > KeyLimit || keys > (ulong)(cursor.Left / 14))   // 8 + 1 bytes of key, 4 of type, 1 of value
            throw cursor.Invalid($"claims {keys} metadata keys; {cursor.Left} bytes follow, and {KeyLimit} keys are the most that is read");
        if (tensors > TensorLimit || tensors > (ulong)(cursor.Left / 25))   // 8 + 1 bytes of name, 4 of dimensions, 4 of type, 8 of offset
            throw cursor.Invalid($"claims {tensors} tensors; {cursor.Left} bytes follow, and {TensorLimit} tensors are the most that is read");

        var metadata = new Metadata { Source = path };
        for (ulong i = 0; i < keys; i++)
            ReadValue(path, file, ref cursor, metadata, i);

        cursor.Where = "metadata key 'general.alignment'";
        object value = metadata.TryGet("general.alignment", out object? stored) ? stored : (long)DefaultAlignment;
        if (value is not (long and > 0 and <= uint.MaxValue and var alignment) || !long.IsPow2(alignment))
            throw cursor.Invalid($"is {value}; expected a power of two below 2^32");

        var layout = new GgufLayout(path, file, checked((int)tensors));
        for (ulong i = 0; i < tensors; i++)
        {
            cursor.Where = $"tensor {i}";
            layout.Add(ref cursor, cursor.Name(NameLimit));
        }

        return new(metadata, layout.Place(cursor.Position, alignment));
    }

    private static void CheckMagic(string path, ref GgufCursor cursor)
    {
        if (!cursor.Take(4).SequenceEqual("GGUF"u8))
            throw cursor.Invalid("does not begin with 'GGUF'");

        uint version = cursor.UInt32();
        if (version is 2 or 3)
            return;

        throw new NotSupportedException(BinaryPrimitives.ReverseEndianness(version) is > 0 and < 0x10000
            ? $"'{path}' is a big-endian GGUF file; this build reads little-endian ones: convert it with llama.cpp's gguf_convert_endian.py."
            : $"'{path}' is GGUF version {version}; known: 2, 3.");
    }

    private static void ReadValue(string path, Region file, ref GgufCursor cursor, Metadata metadata, ulong index)
    {
        cursor.Where = $"metadata key {index}";
        string key = cursor.Name(NameLimit);
        cursor.Where = $"metadata key '{key}'";
        if (metadata.TryGet(key, out _))
            throw cursor.Invalid("stands twice");

        GgufKind kind = cursor.Kind();
        switch (kind)
        {
            case GgufKind.Array:
                (GgufKind element, int count, int start) = cursor.SkipArray();
                metadata.Add(key, new GgufArray($"'{path}': metadata key '{key}'", element, count, file.Part(start, cursor.Position - start)), kind);
                break;
            case GgufKind.String:
                ReadOnlySpan<byte> text = cursor.Bytes();
                metadata.Add(key, cursor.Text(text), kind, Utf8.IsValid(text) ? null : text.ToArray());
                break;
            default:
                metadata.Add(key, Scalar(kind, cursor.Take((ulong)kind.Size)), kind);
                break;
        }
    }

    private static object Scalar(GgufKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        GgufKind.UInt8 => (long)bytes[0],
        GgufKind.Int8 => (long)(sbyte)bytes[0],
        GgufKind.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        GgufKind.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        GgufKind.UInt32 => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        GgufKind.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        GgufKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        GgufKind.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes) is > long.MaxValue and var large
            ? large
            : BinaryPrimitives.ReadInt64LittleEndian(bytes),
        GgufKind.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        GgufKind.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => bytes[0] != 0,
    };
}

/// <summary>What one GGUF file holds.</summary>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Tensors">Its tensors, in the order of the file's list.</param>
internal sealed record GgufPart(Metadata Metadata, IReadOnlyList<StoredTensor> Tensors);
