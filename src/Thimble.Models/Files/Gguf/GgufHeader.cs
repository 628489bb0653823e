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
                Value(key, kind, value!);
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

    private void Value(string key, GgufKind kind, object value)
    {
        switch (kind, value)
        {
            case (GgufKind.String, string text):
                Text(Encoding.UTF8.GetBytes(text));
                break;
            case (GgufKind.Array, MetadataArray array):
                Array(array);
                break;
            case (GgufKind.Bool, bool flag):
                Whole(GgufKind.UInt8, flag ? 1 : 0);
                break;
            case (GgufKind.Float32 or GgufKind.Float64, double number):
                Number(kind, number);
                break;
            case (GgufKind.UInt64, ulong large):
                UInt64(large);
                break;
            case (not (GgufKind.String or GgufKind.Array or GgufKind.Bool or GgufKind.Float32 or GgufKind.Float64), long whole):
                Whole(kind, whole);
                break;
            default:
                throw new InvalidDataException($"Metadata key '{key}' holds {value} ({value.GetType().Name}), which cannot be stored as {kind}.");
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
                System.Array.ForEach(array.Bytes(), text => Text(text));
                break;
            case GgufKind.Array:
                System.Array.ForEach(array.Arrays(), Array);
                break;
            case GgufKind.Bool:
                System.Array.ForEach(array.Flags(), flag => Whole(GgufKind.UInt8, flag ? 1 : 0));
                break;
            case GgufKind.Float32 or GgufKind.Float64:
                System.Array.ForEach(array.Numbers(), number => Number(array.Kind, number));
                break;
            default:
                System.Array.ForEach(array.Integers(), whole => Whole(array.Kind, whole));
                break;
        }
    }

    private void Number(GgufKind kind, double number)
    {
        if (kind == GgufKind.Float64)
            UInt64(BitConverter.DoubleToUInt64Bits(number));
        else
            UInt32(BitConverter.SingleToUInt32Bits((float)number));
    }

    private void Whole(GgufKind kind, long whole)
    {
        int bits = kind.Size * 8;
        bool signed = kind is GgufKind.Int8 or GgufKind.Int16 or GgufKind.Int32 or GgufKind.Int64;
        long least = signed ? -1L << (bits - 1) : 0, most = bits == 64 ? long.MaxValue : (1L << (signed ? bits - 1 : bits)) - 1;
        if (whole < least || whole > most)
            throw new InvalidDataException($"A metadata value of {whole} is to be stored as {kind}, which holds {least} to {most}.");

        Span<byte> bytes = _bytes.GetSpan(kind.Size);
        for (int i = 0; i < kind.Size; i++)
            bytes[i] = (byte)(whole >> (8 * i));
        _bytes.Advance(kind.Size);
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
