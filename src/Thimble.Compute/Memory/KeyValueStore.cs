using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thimble.Compute.Memory;

/// <summary>Keys and values of all sequences, in pages of <see cref="PageTokens"/> tokens that hold every layer.</summary>
/// <remarks>In a page, each layer and head has its keys feature by feature (so that a register holds one feature of
/// neighbouring keys) and its values token by token. Pages are numbered; who owns them is not decided here.</remarks>
internal sealed class KeyValueStore : IDisposable
{
    /// <summary>Tokens in a page. Attention works through keys in these steps, so it is part of the arithmetic.</summary>
    public const int PageTokens = 64;

    private const int SlabBytes = 2 * Memory.Pages.Huge;

    private readonly List<Allocation> _slabs = [];
    private readonly int _slabPages;   // pages of a slab: together they fill large pages of the system
    private readonly HeadShape[] _layers;
    private readonly long[] _starts;   // of each layer in a page, bytes

    /// <summary>A store.</summary>
    /// <param name="layers">What each layer keeps.</param>
    /// <param name="cell">How a number is stored.</param>
    /// <exception cref="NotSupportedException">A head's size is no multiple of what shares a scale.</exception>
    public KeyValueStore(IReadOnlyList<HeadShape> layers, CellFormat cell)
    {
        Cell = cell;
        _layers = [.. layers];
        _starts = new long[layers.Count];
        for (int i = 0; i < _layers.Length; i++)
        {
            Require(cell, i, "keys", _layers[i].KeySize);
            Require(cell, i, "values", _layers[i].ValueSize);
            _starts[i] = PageBytes;
            PageBytes += (long)_layers[i].Heads * (cell.Bytes(_layers[i].KeySize) + cell.Bytes(_layers[i].ValueSize));
        }

        _slabPages = (int)Math.Max(1, SlabBytes / Math.Max(1, PageBytes));
    }

    /// <summary>How a number is stored.</summary>
    public CellFormat Cell { get; }

    /// <summary>Bytes of one page.</summary>
    public long PageBytes { get; }

    /// <summary>Pages there are.</summary>
    public int Pages { get; private set; }

    /// <summary>Layers that keep keys.</summary>
    public int Layers => _layers.Length;

    /// <summary>A part of a page, as it lies.</summary>
    public Span<byte> Bytes(int page, long start, int length) => Slice(page, start, length);

    /// <summary>What a layer keeps.</summary>
    public HeadShape Shape(int layer) => _layers[layer];

    /// <summary>Makes one page more.</summary>
    /// <returns>Its number.</returns>
    public int Add()
    {
        if (Pages % _slabPages == 0)
            _slabs.Add(new Allocation(_slabPages * PageBytes));
        return Pages++;
    }

    /// <summary>Copies a page.</summary>
    public void Copy(int from, int to)
    {
        const int step = 1 << 30;
        for (long at = 0; at < PageBytes; at += step)
        {
            int length = (int)Math.Min(step, PageBytes - at);
            Slice(from, at, length).CopyTo(Slice(to, at, length));
        }
    }

    /// <summary>Writes one token's keys and values of a layer.</summary>
    /// <param name="page">The page.</param>
    /// <param name="slot">Where in the page, in [0, <see cref="PageTokens"/>).</param>
    /// <param name="layer">The layer, counted among those that keep keys.</param>
    /// <param name="keys">Shape [heads · key size].</param>
    /// <param name="values">Shape [heads · value size].</param>
    public void Write(int page, int slot, int layer, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        HeadShape shape = _layers[layer];
        CellPlanes key = Cell.Planes(shape.KeySize), value = Cell.Planes(shape.ValueSize);
        Span<byte> token = stackalloc byte[Math.Max(key.Bytes, value.Bytes)];
        for (int head = 0; head < shape.Heads; head++)
        {
            Cell.Encode(keys.Slice(head * shape.KeySize, shape.KeySize), token[..key.Bytes]);
            CellFormat.PlaceKey(key, token, Keys(page, layer, head), slot);
            Cell.Encode(values.Slice(head * shape.ValueSize, shape.ValueSize), token[..value.Bytes]);
            CellFormat.PlaceValue(value, token, Values(page, layer, head), slot);
        }
    }

    /// <summary>Copies one token's keys and values of every layer, as they are stored.</summary>
    /// <param name="from">The page and the slot in it.</param>
    /// <param name="to">Likewise.</param>
    public void Move((int Page, int Slot) from, (int Page, int Slot) to)
    {
        for (int layer = 0; layer < _layers.Length; layer++)
            Move(layer, from, to);
    }

    private void Move(int layer, (int Page, int Slot) from, (int Page, int Slot) to)
    {
        HeadShape shape = _layers[layer];
        CellPlanes key = Cell.Planes(shape.KeySize), value = Cell.Planes(shape.ValueSize);
        Span<byte> token = stackalloc byte[Math.Max(key.Bytes, value.Bytes)];
        for (int head = 0; head < shape.Heads; head++)
        {
            CellFormat.TakeKey(key, Keys(from.Page, layer, head), from.Slot, token);
            CellFormat.PlaceKey(key, token, Keys(to.Page, layer, head), to.Slot);
            CellFormat.TakeValue(value, Values(from.Page, layer, head), from.Slot, token);
            CellFormat.PlaceValue(value, token, Values(to.Page, layer, head), to.Slot);
        }
    }

    /// <summary>Keys of one head, feature by feature, as <see cref="ICells"/> says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Keys(int page, int layer, int head)
    {
        HeadShape shape = _layers[layer];
        int bytes = Cell.Bytes(shape.KeySize);
        return Slice(page, _starts[layer] + ((long)head * bytes), bytes);
    }

    /// <summary>Values of one head, token by token, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Values(int page, int layer, int head)
    {
        HeadShape shape = _layers[layer];
        long keys = (long)shape.Heads * Cell.Bytes(shape.KeySize);
        int bytes = Cell.Bytes(shape.ValueSize);
        return Slice(page, _starts[layer] + keys + ((long)head * bytes), bytes);
    }

    /// <summary>Where <see cref="Keys"/> begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe byte* KeysAt(int page, int layer, int head) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Keys(page, layer, head)));

    /// <summary>Where <see cref="Values"/> begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe byte* ValuesAt(int page, int layer, int head) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Values(page, layer, head)));

    private static void Require(CellFormat cell, int layer, string what, int size)
    {
        if (size % cell.Grain != 0)
        {
            throw new NotSupportedException(
                $"A cache in {cell.Name} stores {cell.Grain} features under one scale, and the {what} of attention layer {layer} have {size}; " +
                "choose F16, BF16 or F32.");
        }
    }

    /// <summary>Frees every page.</summary>
    public void Dispose()
    {
        foreach (Allocation slab in _slabs)
            slab.Dispose();
        _slabs.Clear();
        Pages = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Slice(int page, long offset, int length) =>
        _slabs[page / _slabPages].Slice((page % _slabPages * PageBytes) + offset, length);
}

/// <summary>What an attention layer keeps of a token.</summary>
/// <param name="Heads">Key-value heads.</param>
/// <param name="KeySize">Floats of a head's key.</param>
/// <param name="ValueSize">Floats of a head's value.</param>
internal readonly record struct HeadShape(int Heads, int KeySize, int ValueSize);
