using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Thimble.Models.Files;

/// <summary>The bytes before the tensors of a GGUF file, version 3, little endian.</summary>
internal sealed class GgufHeader
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    /// <summary>The header of a file.</summary>
    /// <param name="metadata">What it says about itself.</param>
    /// <param name="tensors">Its tensors and where each begins, counted from the first.</param>
    public GgufHeader(Metadata metadata, IReadOnlyList<(TensorSource Tensor, long Offset)> tensors)
    {
        _bytes.Write("GGUF"u8);
        UInt32(3);
        UInt64((ulong)tensors.Count);
        UInt64((ulong)metadata.Keys.Count);
        foreach (string key in metadata.Keys)
        {
            (GgufKind kind, byte[]? raw) = metadata.Stored(key);
            metadata.TryGet(key, out object? value);
            Text(Encoding.UTF8.GetBytes(key));
            UInt32((uint)kind);
            if (raw is not null)
                Text(raw);
            else
                Value(kind, value!);
        }

        foreach ((TensorSource tensor, long offset) in tensors)
            Entry(tensor, offset);
    }

    /// <summary>All of it, without padding.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    private void Entry(TensorSource tensor, long offset)
    {
        Text(Encoding.UTF8.GetBytes(tensor.Name));
        UInt32((uint)tensor.Shape.Count);
        foreach (long size in tensor.Shape)
            UInt64((ulong)size);
        UInt32((uint)tensor.Format.GgufType);
        UInt64((ulong)offset);
    }

    private void Value(GgufKind kind, object value)
    {
        switch (kind)
        {
            case GgufKind.String:
                Text(Encoding.UTF8.GetBytes((string)value));
                break;
            case GgufKind.Array:
                Array((MetadataArray)value);
                break;
            case GgufKind.Bool:
                Number(kind, (bool)value ? 1 : 0, 0);
                break;
            default:
                Number(kind, value is ulong large ? (long)large : value as long? ?? 0, value as double? ?? 0);
                break;
        }
    }

    private void Array(MetadataArray array)
    {
        UInt32((uint)array.Kind);
        UInt64((ulong)array.Count);
        if (array is GgufArray stored)
        {
            _bytes.Write(stored.Payload);
            return;
        }

        switch (array.Kind)
        {
            case GgufKind.String:
                foreach (byte[] text in array.Bytes())
                    Text(text);
                break;
            case GgufKind.Array:
                foreach (MetadataArray inner in array.Arrays())
                    Array(inner);
                break;
            case GgufKind.Bool:
                foreach (bool flag in array.Flags())
                    Number(GgufKind.Bool, flag ? 1 : 0, 0);
                break;
            case GgufKind.Float32 or GgufKind.Float64:
                foreach (double number in array.Numbers())
                    Number(array.Kind, 0, number);
                break;
            default:
                foreach (long whole in array.Integers())
                    Number(array.Kind, whole, 0);
                break;
        }
    }

    private void Number(GgufKind kind, long whole, double number)
    {
        Span<byte> bytes = _bytes.GetSpan(kind.Size);
        if (kind == GgufKind.Float32)
            BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)number);
        else if (kind == GgufKind.Float64)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        else if (kind.Size == 8)
            BinaryPrimitives.WriteInt64LittleEndian(bytes, whole);
        else
            WriteSmall(kind, whole, bytes);
        _bytes.Advance(kind.Size);
    }

    private static void WriteSmall(GgufKind kind, long whole, Span<byte> bytes)
    {
        int bits = kind.Size * 8;
        bool signed = kind is GgufKind.Int8 or GgufKind.Int16 or GgufKind.Int32;
        long least = signed ? -(1L << (bits - 1)) : 0, most = (1L << (signed ? bits - 1 : bits)) - 1;
        if (whole < least || whole > most)
            throw new InvalidDataException($"A metadata value of {whole} is to be stored as {kind}, which holds {least} to {most}.");
        for (int i = 0; i < kind.Size; i++)
            bytes[i] = (byte)(whole >> (8 * i));
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        UInt64((ulong)text.Length);
        _bytes.Write(text);
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    private void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }
}
