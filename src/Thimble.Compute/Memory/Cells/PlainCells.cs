using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>Numbers stored each by itself.</summary>
internal readonly struct PlainCells<TCell> : ICells
    where TCell : unmanaged, ICell<TCell>
{
    public static string Name => TCell.Name;

    public static int Grain => 1;

    public static int DirectRows => TCell.DirectRows;

    public static CellPlanes Planes(int size) => new(size, Unsafe.SizeOf<TCell>(), 0);

    public static void Encode(ReadOnlySpan<float> values, Span<byte> token)
    {
        Span<TCell> cells = MemoryMarshal.Cast<byte, TCell>(token)[..values.Length];
        for (int i = 0; i < cells.Length; i++)
            cells[i] = TCell.From(values[i]);
    }

    public static unsafe void WidenKeys<TLane>(byte* cells, int size, float* y)
        where TLane : unmanaged, ILane<TLane> =>
        Widen<TLane>((TCell*)cells, size * KeyValueStore.PageTokens, y);

    public static unsafe void WidenValues<TLane>(byte* cells, int size, int from, int to, float* y)
        where TLane : unmanaged, ILane<TLane> =>
        Widen<TLane>((TCell*)cells + (from * size), (to - from) * size, y + (from * size));

    public static unsafe void Multiply<TLane>(in RowProducts products, byte* cells)
        where TLane : unmanaged, ILane<TLane> =>
        products.Run<TLane, TCell>((TCell*)cells);

    [MethodImpl(HotLoop.Compiled)]
    private static unsafe void Widen<TLane>(TCell* cells, int count, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        int i = 0;
        for (; i <= count - (2 * TLane.Count); i += 2 * TLane.Count)
        {
            TLane.Store(TCell.Load<TLane>(in cells[i]), ref y[i]);
            TLane.Store(TCell.Load<TLane>(in cells[i + TLane.Count]), ref y[i + TLane.Count]);
        }

        for (; i < count; i++)
            Scalar.Store(TCell.Load<Scalar>(in cells[i]), ref y[i]);
    }
}
