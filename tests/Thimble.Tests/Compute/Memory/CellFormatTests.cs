using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Memory;

public class CellFormatTests
{
    private const int Size = 64;

    public static TheoryData<string> Names => [.. CellFormat.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Keys_and_values_come_back_alike(string name)
    {
        using KeyValueStore store = Filled(name, out _);
        float[] keys = new float[Size * 64], values = new float[Size * 64];
        store.Cell.Widen(store.Keys(1, 0, 1), Size, keys: true, keys);
        store.Cell.Widen(store.Values(1, 0, 1), Size, keys: false, values);
        for (int i = 0; i < Size * 64; i++)
            Assert.Equal(values[i], keys[(i % Size * 64) + (i / Size)]);
    }

    [Theory]
    [InlineData("F32", 0)]
    [InlineData("F16", 4.9e-4)]
    [InlineData("BF16", 4e-3)]
    [InlineData("Q8_0", 4.2e-3)]
    [InlineData("Q4_0", 0.13)]
    public void Numbers_stay_within_half_a_step(string name, double tolerance)
    {
        using KeyValueStore store = Filled(name, out float[] token);
        float[] values = new float[Size * 64];
        store.Cell.Widen(store.Values(1, 0, 0), Size, keys: false, values);
        Close(token.AsSpan(0, Size), values.AsSpan(5 * Size, Size), tolerance);
    }

    [Fact]
    public void Every_register_widens_to_the_same_bits()
    {
        Check<ByteCells>();
        Check<NibbleCells>();
        Check<PlainCells<HalfCell>>();
        Check<PlainCells<BFloatCell>>();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_moved_token_is_the_same_elsewhere(string name)
    {
        using KeyValueStore store = Filled(name, out _);
        float[] before = new float[Size * 64], after = new float[Size * 64];
        store.Cell.Widen(store.Keys(1, 0, 1), Size, keys: true, before);
        store.Move((1, 5), (0, 9));
        store.Cell.Widen(store.Keys(0, 0, 1), Size, keys: true, after);
        for (int i = 0; i < Size; i++)
            Assert.Equal(before[(i * 64) + 5], after[(i * 64) + 9]);
    }

    [Fact]
    public void Memory_is_what_the_bits_say()
    {
        long[] bytes = [.. CellFormat.Names.Select(name => new KeyValueStore([new HeadShape(2, 64, 128)], CellFormat.Named(name)).PageBytes)];
        Assert.Equal([98304, 49152, 49152, 26112, 13824], bytes);
    }

    [Fact]
    public void A_head_that_does_not_fill_its_scales_is_refused()
    {
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(
            () => new KeyValueStore([new HeadShape(2, 64, 64), new HeadShape(2, 64, 80)], CellFormat.Named("q8_0")));
        Assert.Contains("values of attention layer 1 have 80", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("F32, F16, BF16, Q8_0, Q4_0", Assert.Throws<NotSupportedException>(() => CellFormat.Named("Q5")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_and_extremes_are_stored(string name)
    {
        var cell = CellFormat.Named(name);
        float[] values = new float[Size], back = new float[Size * 64];
        values[40] = 1e30f;
        byte[] token = new byte[cell.Planes(Size).Bytes], page = new byte[cell.Bytes(Size)];
        cell.Encode(values, token);
        CellFormat.PlaceValue(cell.Planes(Size), token, page, 0);
        cell.Widen(page, Size, keys: false, back);
        Assert.All(back, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(0, back[3]);
        Assert.True(back[40] > 6e4);
    }

    private static KeyValueStore Filled(string name, out float[] token)
    {
        var store = new KeyValueStore([new HeadShape(2, Size, Size)], CellFormat.Named(name));
        (int first, int second) = (store.Add(), store.Add());
        for (int slot = 0; slot < 64; slot++)
        {
            float[] values = Random(2 * Size, slot + 1);
            store.Write(first, slot, 0, values, values);
            store.Write(second, slot, 0, values, values);
        }

        token = Random(2 * Size, 6);
        return store;
    }

    private static void Check<TCells>()
        where TCells : struct, ICells
    {
        byte[] cells = new byte[CellFormat.Named(TCells.Name).Bytes(Size)];
        new Random(1).NextBytes(cells);
        if (TCells.Grain == 1)
            cells.AsSpan().Fill(0x3A);
        float[] scalar = Widened<TCells, Scalar>(cells);
        Assert.Equal(scalar, V128.IsSupported ? Widened<TCells, V128>(cells) : scalar);
        Assert.Equal(scalar, V256.IsSupported ? Widened<TCells, V256>(cells) : scalar);
        Assert.Equal(scalar, V512.IsSupported ? Widened<TCells, V512>(cells) : scalar);
    }

    private static unsafe float[] Widened<TCells, TLane>(byte[] cells)
        where TCells : struct, ICells
        where TLane : unmanaged, ILane<TLane>
    {
        float[] y = new float[2 * Size * 64];
        fixed (byte* from = cells)
        {
            fixed (float* to = y)
            {
                TCells.WidenKeys<TLane>(from, Size, to);
                TCells.WidenValues<TLane>(from, Size, 3, 61, to + (Size * 64));
            }
        }

        return y;
    }
}
