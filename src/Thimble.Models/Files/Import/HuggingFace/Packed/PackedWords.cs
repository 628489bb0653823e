using System.Runtime.InteropServices;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A table of 32-bit words in a safetensors file.</summary>
internal sealed class PackedWords
{
    private readonly Region _bytes;
    private readonly int _columns;

    /// <summary>A table.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="rows">Rows it must have.</param>
    /// <param name="columns">Columns it must have.</param>
    /// <exception cref="InvalidDataException">It has another shape or type.</exception>
    public PackedWords(string path, SafeTensor tensor, long rows, long columns)
    {
        Expect(path, tensor, rows, columns);
        if (tensor.Dtype.Name is not ("I32" or "U32"))
            throw new InvalidDataException($"Tensor '{tensor.Name}' of '{path}' has type {tensor.Dtype.Name}; expected I32.");
        (_bytes, _columns) = (tensor.Bytes, (int)columns);
    }

    /// <summary>A word.</summary>
    public uint this[int row, int column] =>
        MemoryMarshal.Read<uint>(_bytes.Slice((((long)row * _columns) + column) * sizeof(uint), sizeof(uint)));

    /// <summary>Neighbouring words of a row.</summary>
    public ReadOnlySpan<uint> Row(int row, int first, int count) =>
        MemoryMarshal.Cast<byte, uint>(_bytes.Slice((((long)row * _columns) + first) * sizeof(uint), count * sizeof(uint)));

    /// <summary>A complaint unless a tensor has the shape it must have.</summary>
    public static void Expect(string path, SafeTensor tensor, params ReadOnlySpan<long> shape)
    {
        if (!tensor.Shape.ToArray().AsSpan().SequenceEqual(shape))
        {
            throw new InvalidDataException(
                $"Tensor '{tensor.Name}' of '{path}' has shape [{string.Join(", ", tensor.Shape)}]; expected [{string.Join(", ", shape.ToArray())}].");
        }
    }
}
