using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>How the numbers of the key-value store are stored, chosen at run time.</summary>
internal abstract class CellFormat
{
    private const int Page = KeyValueStore.PageTokens;

    private static readonly CellFormat[] s_all =
    [
        new Of<PlainCells<FloatCell>>(), new Of<PlainCells<HalfCell>>(), new Of<PlainCells<BFloatCell>>(),
        new Of<ByteCells>(), new Of<NibbleCells>(),
    ];

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.ConvertAll(s_all, format => format.Name);

    /// <summary>The name ggml prints.</summary>
    public abstract string Name { get; }

    /// <summary>Neighbouring features that share a scale; a head's size must be a multiple.</summary>
    public abstract int Grain { get; }

    /// <summary>The format of this name, whatever its case.</summary>
    /// <exception cref="NotSupportedException">The name is unknown; the message lists the known ones.</exception>
    public static CellFormat Named(string name) =>
        Array.Find(s_all, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new NotSupportedException($"Cache format '{name}' is unknown; known: {string.Join(", ", Names)}.");

    /// <summary>Bytes of one head's keys or values of a page.</summary>
    /// <param name="size">Features of a head.</param>
    public int Bytes(int size) => Planes(size).Bytes * Page;

    /// <summary>What a vector becomes.</summary>
    public abstract CellPlanes Planes(int size);

    /// <summary>Stores a vector: elements, then scales.</summary>
    public abstract void Encode(ReadOnlySpan<float> values, Span<byte> token);

    /// <summary>Widens a page of one head's keys, shape [size, tokens], or values, shape [tokens, size].</summary>
    public abstract void Widen(ReadOnlySpan<byte> cells, int size, bool keys, Span<float> y);

    /// <summary>Runs attention over cells of this format.</summary>
    public abstract void Attend(scoped in AttentionHead head);

    /// <summary>Merges the parts of a head, over all chunks.</summary>
    public abstract void Join(scoped in AttentionHead head);

    /// <summary>Puts a stored vector among a page's keys, where tokens are neighbours.</summary>
    public static void PlaceKey(CellPlanes planes, ReadOnlySpan<byte> token, Span<byte> page, int slot)
    {
        int elements = planes.Elements * planes.Width;
        Spread(token[..elements], planes.Width, page, slot);
        Spread(token[elements..planes.Bytes], sizeof(ushort), page[(elements * Page)..], slot);
    }

    /// <summary>Takes a stored vector from among a page's keys.</summary>
    public static void TakeKey(CellPlanes planes, ReadOnlySpan<byte> page, int slot, Span<byte> token)
    {
        int elements = planes.Elements * planes.Width;
        for (int i = 0; i < planes.Elements; i++)
            page.Slice(((i * Page) + slot) * planes.Width, planes.Width).CopyTo(token[(i * planes.Width)..]);
        for (int i = 0; i < planes.Scales; i++)
            page.Slice((elements * Page) + (((i * Page) + slot) * sizeof(ushort)), sizeof(ushort)).CopyTo(token[(elements + (i * sizeof(ushort)))..]);
    }

    /// <summary>Puts a stored vector among a page's values, where features are neighbours.</summary>
    public static void PlaceValue(CellPlanes planes, ReadOnlySpan<byte> token, Span<byte> page, int slot)
    {
        int elements = planes.Elements * planes.Width, scales = planes.Scales * sizeof(ushort);
        token[..elements].CopyTo(page[(slot * elements)..]);
        token.Slice(elements, scales).CopyTo(page[((elements * Page) + (slot * scales))..]);
    }

    /// <summary>Takes a stored vector from among a page's values.</summary>
    public static void TakeValue(CellPlanes planes, ReadOnlySpan<byte> page, int slot, Span<byte> token)
    {
        int elements = planes.Elements * planes.Width, scales = planes.Scales * sizeof(ushort);
        page.Slice(slot * elements, elements).CopyTo(token);
        page.Slice((elements * Page) + (slot * scales), scales).CopyTo(token[elements..]);
    }

    private static void Spread(ReadOnlySpan<byte> token, int width, Span<byte> page, int slot)
    {
        switch (width)
        {
            case 1:
                Spread(token, page, slot);
                break;
            case 2:
                Spread(MemoryMarshal.Cast<byte, ushort>(token), MemoryMarshal.Cast<byte, ushort>(page), slot);
                break;
            default:
                Spread(MemoryMarshal.Cast<byte, uint>(token), MemoryMarshal.Cast<byte, uint>(page), slot);
                break;
        }
    }

    private static void Spread<T>(ReadOnlySpan<T> token, Span<T> page, int slot)
    {
        for (int i = 0; i < token.Length; i++)
            page[(i * Page) + slot] = token[i];
    }

    private sealed class Of<TCells> : CellFormat
        where TCells : struct, ICells
    {
        public override string Name => TCells.Name;

        public override int Grain => TCells.Grain;

        public override CellPlanes Planes(int size) => TCells.Planes(size);

        public override void Encode(ReadOnlySpan<float> values, Span<byte> token) => TCells.Encode(values, token);

        public override unsafe void Widen(ReadOnlySpan<byte> cells, int size, bool keys, Span<float> y)
        {
            fixed (byte* from = cells[..Bytes(size)])
            {
                fixed (float* to = y[..(size * Page)])
                {
                    if (keys)
                        TCells.WidenKeys<Scalar>(from, size, to);
                    else
                        TCells.WidenValues<Scalar>(from, size, 0, Page, to);
                }
            }
        }

        public override void Attend(scoped in AttentionHead head)
        {
            if (head.Unified is null)
                Lanes.Best(new Attention<TCells, OnlineSoftmax>(head));
            else
                FlashDecodingPlusPlus.Attend<TCells>(in head);
        }

        public override void Join(scoped in AttentionHead head)
        {
            if (head.Unified is null)
                Lanes.Best(new AttentionJoin(head));
            else
                FlashDecodingPlusPlus.Join<TCells>(in head);
        }
    }
}
