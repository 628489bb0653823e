using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>Signed bytes under a half scale for every 32 features of a token: <c>x[i] = Scale · Byte[i]</c>. 8.5 bits a number.</summary>
/// <remarks>The numbers are those of ggml's <c>block_q8_0</c>. Bytes and scales lie apart, so that keys can lie feature by feature:
/// a register of scales then belongs to the same keys as a register of bytes. A product of scale and byte is exact in a float.</remarks>
internal readonly struct ByteCells : ICells
{
    private const int Block = 32, Page = KeyValueStore.PageTokens;

    public static string Name => "Q8_0";

    public static int Grain => Block;

    public static int DirectRows => 0;

    public static CellPlanes Planes(int size) => new(size, 1, size / Block);

    public static void Encode(ReadOnlySpan<float> values, Span<byte> token)
    {
        Span<sbyte> bytes = MemoryMarshal.Cast<byte, sbyte>(token[..values.Length]);
        Span<ushort> scales = MemoryMarshal.Cast<byte, ushort>(token[values.Length..]);
        for (int block = 0; block < values.Length / Block; block++)
        {
            ReadOnlySpan<float> x = values.Slice(block * Block, Block);
            ushort scale = CellScale.Of(CellScale.Extreme(x), 127);
            float inverse = CellScale.Inverse(scale);
            for (int i = 0; i < Block; i++)
                bytes[(block * Block) + i] = (sbyte)Math.Clamp(MathF.Round(x[i] * inverse), -127, 127);
            scales[block] = scale;
        }
    }

    [MethodImpl(HotLoop.Compiled)]
    public static unsafe void WidenKeys<TLane>(byte* cells, int size, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        ushort* scales = (ushort*)(cells + (size * Page));
        for (int block = 0; block < size / Block; block++)
        {
            sbyte* bytes = (sbyte*)cells + (block * Block * Page);
            float* to = y + (block * Block * Page);
            for (int key = 0; key < Page; key += TLane.Count)
            {
                TLane scale = TLane.LoadHalf(in scales[(block * Page) + key]);
                for (int i = key; i < Block * Page; i += Page)
                    TLane.Store(TLane.LoadBytes(in bytes[i]) * scale, ref to[i]);
            }
        }
    }

    [MethodImpl(HotLoop.Compiled)]
    public static unsafe void WidenValues<TLane>(byte* cells, int size, int from, int to, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        int blocks = size / Block;
        ushort* scales = (ushort*)(cells + (size * Page));
        for (int block = from * blocks; block < to * blocks; block++)
        {
            var scale = TLane.Fill(HalfFloat.Widen(scales[block]));
            for (int i = block * Block; i < (block + 1) * Block; i += TLane.Count)
                TLane.Store(TLane.LoadBytes(in ((sbyte*)cells)[i]) * scale, ref y[i]);
        }
    }

    public static unsafe void Multiply<TLane>(in RowProducts products, byte* cells)
        where TLane : unmanaged, ILane<TLane> => throw new NotSupportedException($"{Name} cells are widened before they are multiplied.");
}

/// <summary>Half scales of stored vectors.</summary>
internal static class CellScale
{
    /// <summary>The value of greatest magnitude.</summary>
    public static float Extreme(ReadOnlySpan<float> values)
    {
        float extreme = 0;
        foreach (float value in values)
            extreme = MathF.Abs(value) > MathF.Abs(extreme) ? value : extreme;
        return extreme;
    }

    /// <summary>The half nearest to <c>extreme / level</c>, the greatest finite one beyond their range.</summary>
    public static ushort Of(float extreme, float level) =>
        BitConverter.HalfToUInt16Bits(HalfFloat.Narrow(Math.Clamp(extreme / level, -65504f, 65504f)));

    /// <summary>What a scale's values are multiplied by; 0 where the scale is.</summary>
    public static float Inverse(ushort scale) => (scale & 0x7FFF) == 0 ? 0 : 1 / HalfFloat.Widen(scale);
}
