using System.Buffers.Binary;
using Thimble.Compute.Formats;
using Thimble.Compute.Simd;

namespace Thimble.Models.Files;

/// <summary>A number type of safetensors.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Size">Bytes of a value.</param>
/// <param name="Read">The value of its bytes.</param>
/// <remarks>Source: safetensors, <c>Dtype</c>; Micikevicius et al., "FP8 Formats for Deep Learning", 2022, table 1.</remarks>
internal sealed record Dtype(string Name, int Size, Func<ReadOnlySpan<byte>, float> Read)
{
    private static readonly Dictionary<string, Dtype> s_byName = new Dtype[]
    {
        new("BOOL", 1, bytes => bytes[0] == 0 ? 0 : 1),
        new("U8", 1, bytes => bytes[0]),
        new("I8", 1, bytes => (sbyte)bytes[0]),
        new("U16", 2, bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
        new("I16", 2, bytes => BinaryPrimitives.ReadInt16LittleEndian(bytes)),
        new("U32", 4, bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
        new("I32", 4, bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        new("U64", 8, bytes => BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        new("I64", 8, bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        new("F8_E4M3", 1, bytes => Eight(bytes[0])),
        new("F8_E5M2", 1, bytes => Half(bytes[0] << 8)),
        new("F16", 2, bytes => Half(BinaryPrimitives.ReadUInt16LittleEndian(bytes))),
        new("BF16", 2, bytes => HalfFloat.WidenBFloat(BinaryPrimitives.ReadUInt16LittleEndian(bytes))),
        new("F32", 4, BinaryPrimitives.ReadSingleLittleEndian),
        new("F64", 8, bytes => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    }.ToDictionary(dtype => dtype.Name, StringComparer.Ordinal);

    /// <summary>The format whose blocks are the same bytes, if there is one.</summary>
    /// <remarks>Where both have a type, safetensors and ggml name it alike.</remarks>
    public BlockFormat? Format => BlockFormats.All.FirstOrDefault(format => format.Name == Name && format.BlockLength == 1 && format.BlockBytes == Size);

    /// <summary>The type of a name.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="what">What has that type, as the subject of a sentence.</param>
    /// <exception cref="NotSupportedException">It is unknown; the message lists the known ones.</exception>
    public static Dtype Named(string name, string what) => s_byName.TryGetValue(name, out Dtype? dtype)
        ? dtype
        : throw new NotSupportedException($"{what} has type '{name}', which this build does not know; known: {string.Join(", ", s_byName.Keys)}.");

    /// <summary>Values as floats.</summary>
    /// <param name="bytes">Stored values, shape [n · <see cref="Size"/>].</param>
    /// <param name="values">Receives them, shape [n].</param>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = Read(bytes.Slice(i * Size, Size));
    }

    /// <summary>One sign, four exponent bits around 7, three of fraction; no infinity, and only all ones is no number.</summary>
    private static float Eight(int bits)
    {
        int exponent = (bits >> 3) & 15, fraction = bits & 7;
        float magnitude = (bits & 0x7F) == 0x7F ? float.NaN
            : exponent == 0 ? MathF.ScaleB(fraction, -9)
            : MathF.ScaleB(8 + fraction, exponent - 10);
        return (bits & 0x80) == 0 ? magnitude : -magnitude;
    }

    private static float Half(int bits) => (bits & 0x7C00) != 0x7C00 ? HalfFloat.Widen((ushort)bits)
        : (bits & 0x3FF) != 0 ? float.NaN
        : (bits & 0x8000) == 0 ? float.PositiveInfinity : float.NegativeInfinity;
}
