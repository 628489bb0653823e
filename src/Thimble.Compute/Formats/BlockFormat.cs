using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>A stored number format, chosen at run time.</summary>
/// <param name="ggufType">The number that stands for it in a GGUF file.</param>
/// <param name="name">The name ggml prints.</param>
/// <param name="blockLength">Weights in one block.</param>
/// <param name="blockBytes">Bytes in one block.</param>
internal abstract class BlockFormat(int ggufType, string name, int blockLength, int blockBytes)
{
    public int GgufType { get; } = ggufType;

    public string Name { get; } = name;

    public int BlockLength { get; } = blockLength;

    public int BlockBytes { get; } = blockBytes;

    /// <summary>Bits for one weight, scales included.</summary>
    public double BitsPerWeight => 8.0 * BlockBytes / BlockLength;

    /// <summary>Bytes for a row of weights.</summary>
    /// <exception cref="ArgumentException">The row is not a whole number of blocks.</exception>
    public long RowBytes(long columns) => columns % BlockLength == 0
        ? columns / BlockLength * BlockBytes
        : throw new ArgumentException($"A row of {columns} values is not a whole number of {Name} blocks of {BlockLength}.", nameof(columns));

    /// <summary>The largest magnitude that can be stored.</summary>
    public abstract float Largest { get; }

    /// <summary>Weights under one scale in the whole-number view: 16 or 32, or 0 where the format has no such view.</summary>
    public virtual int Group => 0;

    /// <summary>Whether the whole-number view has offsets.</summary>
    public virtual bool HasOffset => false;

    /// <summary>Reads whole blocks.</summary>
    /// <param name="blocks">Stored blocks, shape [n · BlockBytes].</param>
    /// <param name="values">Receives the values, shape [n · BlockLength].</param>
    /// <exception cref="ArgumentException">A span is not as long as its shape says.</exception>
    public abstract void Decode(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>Writes whole blocks.</summary>
    /// <param name="values">Finite values that the format can hold, shape [n · BlockLength].</param>
    /// <param name="importance">How much an error at each value matters, shape like <paramref name="values"/>, or empty.</param>
    /// <param name="blocks">Receives the blocks, shape [n · BlockBytes].</param>
    /// <exception cref="ArgumentException">A span is not as long as its shape says.</exception>
    /// <exception cref="InvalidDataException">A value is not finite or too large for the format, or an importance is negative.</exception>
    public abstract void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks);

    /// <summary>The multiplier for a weight of this format as it lies in the file.</summary>
    public abstract Multiplier Multiplier(Weight weight);

    /// <summary>Products of stored rows with one token, in formats that need no decoding: <c>y[r] = w[r] · x</c>.</summary>
    /// <param name="rows">Stored blocks of the rows.</param>
    /// <param name="x">The token.</param>
    /// <param name="y">Receives the products, shape [rows].</param>
    /// <returns>Whether the format is one of them.</returns>
    public virtual bool TryDot(Region rows, ReadOnlySpan<float> x, Span<float> y) => false;

    /// <summary>Reads whole blocks as whole numbers under scales: <c>w[i] = scale[g] · q[i] + offset[g]</c>, <c>g = i / Group</c>.</summary>
    /// <param name="blocks">Stored blocks, shape [n · BlockBytes].</param>
    /// <param name="quants">Receives the whole numbers, shape [n · BlockLength].</param>
    /// <param name="scales">Receives the scales, shape [n · BlockLength / Group].</param>
    /// <param name="offsets">Receives the offsets, shape like <paramref name="scales"/>; may be empty unless <see cref="HasOffset"/>.</param>
    /// <exception cref="NotSupportedException">The format has no such view.</exception>
    public virtual void Unpack(ReadOnlySpan<byte> blocks, Span<sbyte> quants, Span<float> scales, Span<float> offsets) =>
        throw new NotSupportedException($"{Name} stores no whole numbers under scales; decode it, or store it in a format that does, such as Q8_0.");

    /// <summary>The scales of whole blocks that the scales of groups are multiples of, in formats that have such.</summary>
    /// <param name="blocks">Stored blocks, shape [n · BlockBytes].</param>
    /// <param name="scales">Receives a scale for each block, shape [n].</param>
    /// <param name="floors">Receives what offsets are negative multiples of, shape [n]; zero where there are none.</param>
    /// <returns>Whether the format has such scales.</returns>
    public virtual bool TryTops(ReadOnlySpan<byte> blocks, Span<Half> scales, Span<Half> floors) => false;

    public override string ToString() => Name;
}

/// <summary>A format whose blocks are <typeparamref name="TBlock"/>.</summary>
internal class BlockFormat<TBlock>(int ggufType) : BlockFormat(ggufType, TBlock.Name, TBlock.Length, Unsafe.SizeOf<TBlock>())
    where TBlock : unmanaged, IBlock<TBlock>
{
    public override float Largest => TBlock.Largest;

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        Check(blocks.Length, values.Length);
        TBlock.Decode(MemoryMarshal.Cast<byte, TBlock>(blocks), values);
    }

    public override Multiplier Multiplier(Weight weight) => new FloatMultiplier(weight);

    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        Check(blocks.Length, values.Length);
        if (!importance.IsEmpty && importance.Length != values.Length)
            throw new ArgumentException($"There are {importance.Length} importances for {values.Length} values; give one for each, or none.", nameof(importance));

        CheckRange(values, -TBlock.Largest, TBlock.Largest, "A value");
        CheckRange(importance, 0, float.MaxValue, "The importance of a value");
        Span<TBlock> row = MemoryMarshal.Cast<byte, TBlock>(blocks);
        for (int i = 0; i < row.Length; i++)
        {
            ReadOnlySpan<float> weights = importance.IsEmpty ? [] : importance.Slice(i * TBlock.Length, TBlock.Length);
            TBlock.Encode(values.Slice(i * TBlock.Length, TBlock.Length), weights, out row[i]);
        }
    }

    private void Check(int bytes, int values)
    {
        if (bytes != RowBytes(values))
            throw new ArgumentException($"{values} values are {RowBytes(values)} bytes of {Name}, not {bytes}.", nameof(bytes));
    }

    private void CheckRange(ReadOnlySpan<float> values, float lowest, float highest, string what)
    {
        // Branch-free over the whole row first; the culprit is looked for only if there is one.
        bool fits = true;
        foreach (float value in values)
            fits &= value >= lowest & value <= highest;
        if (fits)
            return;

        foreach (float value in values)
        {
            if (!(value >= lowest && value <= highest))
                throw new InvalidDataException($"{what} to be stored as {Name} is {value}; expected a number from {lowest} to {highest}.");
        }
    }
}

/// <summary>A format of single floats.</summary>
internal sealed class FloatFormat<TBlock>(int ggufType) : BlockFormat<TBlock>(ggufType)
    where TBlock : unmanaged, IFloat<TBlock>
{
    public override bool TryDot(Region rows, ReadOnlySpan<float> x, Span<float> y)
    {
        Lanes.Best(new RowDots<TBlock>(rows, x, y));
        return true;
    }
}

/// <summary>A format of whole numbers under scales.</summary>
internal class QuantizedFormat<TBlock>(int ggufType) : BlockFormat<TBlock>(ggufType)
    where TBlock : unmanaged, IQuantized<TBlock>
{
    public override Multiplier Multiplier(Weight weight) => new QuantizedMultiplier<TBlock>(weight);

    public override int Group => TBlock.Group;

    public override bool HasOffset => TBlock.HasOffset;

    public override void Unpack(ReadOnlySpan<byte> blocks, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        ReadOnlySpan<TBlock> row = MemoryMarshal.Cast<byte, TBlock>(blocks);
        int groups = TBlock.Length / TBlock.Group;
        for (int i = 0; i < row.Length; i++)
        {
            Span<float> floors = TBlock.HasOffset ? offsets.Slice(i * groups, groups) : [];
            TBlock.Unpack(in row[i], quants.Slice(i * TBlock.Length, TBlock.Length), scales.Slice(i * groups, groups), floors);
        }
    }
}

/// <summary>A format whose groups' scales are whole multiples of its block's.</summary>
internal sealed class SuperFormat<TBlock>(int ggufType) : QuantizedFormat<TBlock>(ggufType)
    where TBlock : unmanaged, ISuperBlock<TBlock>
{
    public override bool TryTops(ReadOnlySpan<byte> blocks, Span<Half> scales, Span<Half> floors)
    {
        ReadOnlySpan<TBlock> row = MemoryMarshal.Cast<byte, TBlock>(blocks);
        for (int i = 0; i < row.Length; i++)
            (scales[i], floors[i]) = TBlock.Tops(in row[i]);
        return true;
    }
}
