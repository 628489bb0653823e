using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>How a number of the key-value store is stored, chosen at run time.</summary>
internal abstract class CellFormat
{
    private static readonly CellFormat[] s_all = [new Of<FloatCell>(), new Of<HalfCell>(), new Of<BFloatCell>()];

    /// <summary>The name ggml prints.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of one number.</summary>
    public abstract int Bytes { get; }

    /// <summary>The format of this name, whatever its case.</summary>
    /// <exception cref="NotSupportedException">The name is unknown; the message lists the known ones.</exception>
    public static CellFormat Named(string name) =>
        Array.Find(s_all, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new NotSupportedException(
            $"Cache format '{name}' is unknown; known: {string.Join(", ", Array.ConvertAll(s_all, format => format.Name))}.");

    /// <summary>Writes numbers <paramref name="stride"/> cells apart.</summary>
    public abstract void Scatter(ReadOnlySpan<float> values, Span<byte> cells, int stride);

    /// <summary>Runs attention over cells of this format.</summary>
    public abstract void Attend(in AttentionHead head);

    private sealed class Of<TCell> : CellFormat
        where TCell : unmanaged, ICell<TCell>
    {
        public override string Name => TCell.Name;

        public override int Bytes => Unsafe.SizeOf<TCell>();

        public override void Scatter(ReadOnlySpan<float> values, Span<byte> cells, int stride)
        {
            Span<TCell> typed = MemoryMarshal.Cast<byte, TCell>(cells);
            for (int i = 0; i < values.Length; i++)
                typed[i * stride] = TCell.From(values[i]);
        }

        public override void Attend(in AttentionHead head) => Lanes.Best(new Attention<TCell>(head));
    }
}

/// <summary>A stored number.</summary>
internal interface ICell<TSelf>
    where TSelf : unmanaged, ICell<TSelf>
{
    /// <summary>The name ggml prints.</summary>
    static abstract string Name { get; }

    /// <summary>The nearest stored number.</summary>
    static abstract TSelf From(float value);

    /// <summary>Reads a register of numbers.</summary>
    static abstract TLane Load<TLane>(ref readonly TSelf source)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>A 32-bit float.</summary>
internal readonly struct FloatCell(float value) : ICell<FloatCell>
{
    private readonly float _value = value;

    public static string Name => "F32";

    public static FloatCell From(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly FloatCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.Load(in source._value);
}

/// <summary>A half.</summary>
internal readonly struct HalfCell(ushort bits) : ICell<HalfCell>
{
    private readonly ushort _bits = bits;

    public static string Name => "F16";

    // Beyond a half's range the greatest finite one: an infinity would turn every later product into NaN.
    public static HalfCell From(float value) =>
        new(BitConverter.HalfToUInt16Bits(HalfFloat.Narrow(Math.Clamp(value, -65504f, 65504f))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly HalfCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadHalf(in source._bits);
}

/// <summary>A bfloat16.</summary>
internal readonly struct BFloatCell(ushort bits) : ICell<BFloatCell>
{
    private readonly ushort _bits = bits;

    public static string Name => "BF16";

    public static BFloatCell From(float value) => new(HalfFloat.NarrowBFloat(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly BFloatCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadBFloat(in source._bits);
}
