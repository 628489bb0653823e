using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>Nibbles under a half scale for every 32 features of a token: <c>x[i] = Scale · (Nibble[i] − 8)</c>. 4.5 bits a number.</summary>
/// <remarks>The numbers are those of ggml's <c>block_q4_0</c>. A byte holds feature i and, above it, feature i + 16 of a block with its
/// sign bit turned: as a signed byte it is <c>16·high + low</c> with high in [−8, 7], which float arithmetic takes apart exactly.</remarks>
internal readonly struct NibbleCells : ICells
{
    private const int Block = 32, Half = Block / 2, Page = KeyValueStore.PageTokens;

    public static string Name => "Q4_0";

    public static int Grain => Block;

    public static int DirectRows => 0;

    public static CellPlanes Planes(int size) => new(size / 2, 1, size / Block);

    public static void Encode(ReadOnlySpan<float> values, Span<byte> token)
    {
        Span<ushort> scales = MemoryMarshal.Cast<byte, ushort>(token[(values.Length / 2)..]);
        for (int block = 0; block < values.Length / Block; block++)
        {
            ReadOnlySpan<float> x = values.Slice(block * Block, Block);
            ushort scale = CellScale.Of(CellScale.Extreme(x), -8);
            float inverse = CellScale.Inverse(scale);
            for (int i = 0; i < Half; i++)
                token[(block * Half) + i] = (byte)((Whole(x[i] * inverse) + 8) | (Whole(x[i + Half] * inverse) << 4));
            scales[block] = scale;
        }

        static int Whole(float value) => (int)Math.Clamp(MathF.Round(value), -8, 7);
    }

    [MethodImpl(HotLoop.Compiled)]
    public static unsafe void WidenKeys<TLane>(byte* cells, int size, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        ushort* scales = (ushort*)(cells + (size / 2 * Page));
        for (int block = 0; block < size / Block; block++)
        {
            sbyte* bytes = (sbyte*)cells + (block * Half * Page);
            float* low = y + (block * Block * Page), high = low + (Half * Page);
            for (int key = 0; key < Page; key += TLane.Count)
            {
                TLane scale = TLane.LoadHalf(in scales[(block * Page) + key]);
                for (int i = key; i < Half * Page; i += Page)
                    Part(TLane.LoadBytes(in bytes[i]), scale, ref low[i], ref high[i]);
            }
        }
    }

    [MethodImpl(HotLoop.Compiled)]
    public static unsafe void WidenValues<TLane>(byte* cells, int size, int from, int to, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        int blocks = size / Block;
        ushort* scales = (ushort*)(cells + (size / 2 * Page));
        for (int block = from * blocks; block < to * blocks; block++)
        {
            var scale = TLane.Fill(HalfFloat.Widen(scales[block]));
            sbyte* bytes = (sbyte*)cells + (block * Half);
            float* low = y + (block * Block), high = low + Half;
            for (int i = 0; i < Half; i += TLane.Count)
                Part(TLane.LoadBytes(in bytes[i]), scale, ref low[i], ref high[i]);
        }
    }

    public static unsafe void Multiply<TLane>(in RowProducts products, byte* cells)
        where TLane : unmanaged, ILane<TLane> => throw new NotSupportedException($"{Name} cells are widened before they are multiplied.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Part<TLane>(TLane both, TLane scale, ref float low, ref float high)
        where TLane : unmanaged, ILane<TLane>
    {
        // (16h + l − 7.5) / 16 lies within 0.47 of h for every l in [0, 15].
        TLane above = TLane.Round(TLane.MultiplyAdd(both, TLane.Fill(1f / 16), TLane.Fill(-7.5f / 16)));
        TLane.Store((TLane.MultiplyAdd(above, TLane.Fill(-16), both) - TLane.Fill(8)) * scale, ref low);
        TLane.Store(above * scale, ref high);
    }
}
