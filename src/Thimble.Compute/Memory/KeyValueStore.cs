using System.Runtime.CompilerServices;

namespace Thimble.Compute.Memory;

/// <summary>Keys and values of all sequences, in pages of <see cref="PageTokens"/> tokens that hold every layer.</summary>
/// <remarks>In a page, each layer and head has its keys feature by feature (so that a register holds one feature of
/// neighbouring keys) and its values token by token. Pages are numbered; who owns them is not decided here.</remarks>
internal sealed class KeyValueStore : IDisposable
{
    /// <summary>Tokens in a page. Attention works through keys in these steps, so it is part of the arithmetic.</summary>
    public const int PageTokens = 64;

    private readonly List<Allocation> _pages = [];
    private readonly HeadShape[] _layers;
    private readonly long[] _starts;   // of each layer in a page, bytes

    /// <summary>A store.</summary>
    /// <param name="layers">What each layer keeps.</param>
    /// <param name="cell">How a number is stored.</param>
    public KeyValueStore(IReadOnlyList<HeadShape> layers, CellFormat cell)
    {
        Cell = cell;
        _layers = [.. layers];
        _starts = new long[layers.Count];
        for (int i = 0; i < _layers.Length; i++)
        {
            _starts[i] = PageBytes;
            PageBytes += (long)_layers[i].Heads * (_layers[i].KeySize + _layers[i].ValueSize) * PageTokens * cell.Bytes;
        }
    }

    /// <summary>How a number is stored.</summary>
    public CellFormat Cell { get; }

    /// <summary>Bytes of one page.</summary>
    public long PageBytes { get; }

    /// <summary>Pages there are.</summary>
    public int Pages => _pages.Count;

    /// <summary>What a layer keeps.</summary>
    public HeadShape Shape(int layer) => _layers[layer];

    /// <summary>Makes one page more, all zero.</summary>
    /// <returns>Its number.</returns>
    public int Add()
    {
        _pages.Add(new Allocation(PageBytes));
        return _pages.Count - 1;
    }

    /// <summary>Copies a page.</summary>
    public void Copy(int from, int to)
    {
        const int step = 1 << 30;
        for (long at = 0; at < PageBytes; at += step)
        {
            int length = (int)Math.Min(step, PageBytes - at);
            _pages[from].Slice(at, length).CopyTo(_pages[to].Slice(at, length));
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
        for (int head = 0; head < shape.Heads; head++)
        {
            Cell.Scatter(keys.Slice(head * shape.KeySize, shape.KeySize), Keys(page, layer, head)[(slot * Cell.Bytes)..], PageTokens);
            Cell.Scatter(
                values.Slice(head * shape.ValueSize, shape.ValueSize),
                Values(page, layer, head)[(slot * shape.ValueSize * Cell.Bytes)..], 1);
        }
    }

    /// <summary>Keys of one head, shape [key size, <see cref="PageTokens"/>].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Keys(int page, int layer, int head)
    {
        HeadShape shape = _layers[layer];
        int bytes = shape.KeySize * PageTokens * Cell.Bytes;
        return _pages[page].Slice(_starts[layer] + ((long)head * bytes), bytes);
    }

    /// <summary>Values of one head, shape [<see cref="PageTokens"/>, value size].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Values(int page, int layer, int head)
    {
        HeadShape shape = _layers[layer];
        long keys = (long)shape.Heads * shape.KeySize * PageTokens * Cell.Bytes;
        int bytes = shape.ValueSize * PageTokens * Cell.Bytes;
        return _pages[page].Slice(_starts[layer] + keys + ((long)head * bytes), bytes);
    }

    /// <summary>Frees every page.</summary>
    public void Dispose()
    {
        foreach (Allocation page in _pages)
            page.Dispose();
        _pages.Clear();
    }
}

/// <summary>What an attention layer keeps of a token.</summary>
/// <param name="Heads">Key-value heads.</param>
/// <param name="KeySize">Floats of a head's key.</param>
/// <param name="ValueSize">Floats of a head's value.</param>
internal readonly record struct HeadShape(int Heads, int KeySize, int ValueSize);
