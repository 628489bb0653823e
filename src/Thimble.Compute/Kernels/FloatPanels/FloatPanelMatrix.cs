using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of panels with several tokens: blocks of columns are widened once for many tokens, and sums stay in the second cache.</summary>
internal readonly unsafe ref struct FloatPanelMatrix<TFloats>(FloatPanelTask task) : IKernel
    where TFloats : struct, IPanelFloats
{
    private const int Group = 4;      // panels that meet a tile of many tokens while it is in the nearest cache
    private const int Few = 32;       // tokens up to which reading a panel to its end matters more, and widening again costs less
    private const int Chunk = 256;    // tokens whose sums and columns are held at a time
    private const int WideBlock = FloatPanelTask.Block * FloatPanels.Rows;   // floats of a block of one panel

    private readonly FloatPanelTask _task = task;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = _task.X.Rows, columns = _task.X.Columns, most = Math.Min(Chunk, Slots(tokens));

        // Tokens whose distance is a multiple of 1 KiB drive each other out of the nearest cache: a few of them are laid out anew.
        bool moved = tokens <= Few && columns % 256 == 0;
        int stride = moved ? columns + 16 : columns, group = tokens <= Few ? 1 : Group;
        Span<float> room = Scratch.Floats((Group * (WideBlock + (most * FloatPanels.Rows))) + (moved ? tokens * stride : 0));
        fixed (float* wide = room, x = _task.X.Values)
        {
            float* sums = wide + (Group * WideBlock), first = moved ? sums + (Group * most * FloatPanels.Rows) : x;
            for (int token = 0; moved && token < tokens; token++)
                _task.X[token].CopyTo(new Span<float>(first + (token * stride), columns));

            for (int panel = 0; panel < _task.Scales.Length; panel += group)
            {
                int panels = Math.Min(group, _task.Scales.Length - panel);
                for (int token = 0; token < tokens; token += Chunk)
                {
                    var part = new Tile(first + ((long)token * stride), stride, Math.Min(Chunk, tokens - token), columns);
                    Part<TLane>(panel, panels, token, part, wide, sums);
                }
            }
        }
    }

    /// <summary>Tokens rounded up to whole tiles.</summary>
    private static int Slots(int tokens) => (tokens + 7) / 8 * 8;

    /// <summary>A group of panels with a chunk of tokens.</summary>
    private void Part<TLane>(int panel, int panels, int token, Tile x, float* wide, float* sums)
        where TLane : unmanaged, ILane<TLane>
    {
        int slots = Slots(x.Tokens) * FloatPanels.Rows;
        bool widen = !TFloats.IsCheap && x.Tokens > Few;
        new Span<float>(sums, panels * slots).Clear();
        for (int column = 0; column < x.Columns; column += FloatPanelTask.Block)
        {
            int count = Math.Min(FloatPanelTask.Block, x.Columns - column);
            for (int i = 0; widen && i < panels; i++)
                Widen(At(panel + i, column), TLane.Fill(_task.Scales[panel + i]), count, wide + (i * WideBlock));

            for (int first = 0; first < x.Tokens; first += 8)
            {
                Tile tile = x.Part(first, 8, column, count);
                for (int i = 0; i < panels; i++)
                {
                    float* sum = sums + (i * slots) + (first * FloatPanels.Rows);
                    if (widen)
                        Multiply<WideFloats, TLane>(tile, (byte*)(wide + (i * WideBlock)), TLane.Fill(1), sum);
                    else
                        Multiply<TFloats, TLane>(tile, At(panel + i, column), TLane.Fill(_task.Scales[panel + i]), sum);
                }
            }
        }

        for (int i = 0; i < panels; i++)
        {
            for (int t = 0; t < x.Tokens; t++)
                _task.Store(panel + i, token + t, sums + (i * slots) + (t * FloatPanels.Rows));
        }
    }

    private byte* At(int panel, int column) => _task.Panels + ((((long)panel * _task.X.Columns) + column) * TFloats.Bytes);

    /// <summary>A block of one panel as floats.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private static void Widen<TLane>(byte* from, TLane scale, int columns, float* to)
        where TLane : unmanaged, ILane<TLane>
    {
        for (int column = 0; column < columns; column++, from += TFloats.Bytes, to += FloatPanels.Rows)
        {
            for (int row = 0; row < FloatPanels.Rows / 2; row += TLane.Count)
            {
                TLane.Store(TFloats.Low(from + (4 * row), scale), ref to[row]);
                TLane.Store(TFloats.High(from + (4 * row), scale), ref to[row + (FloatPanels.Rows / 2)]);
            }
        }
    }

    /// <summary>A block of one panel with up to eight tokens: all at once where there are thirty-two registers, else by four.</summary>
    private static void Multiply<TSource, TLane>(Tile tile, byte* w, TLane scale, float* sums)
        where TSource : struct, IPanelFloats
        where TLane : unmanaged, ILane<TLane>
    {
        if (TLane.Count == FloatPanels.Rows / 2 && tile.Tokens > 4)
        {
            FloatPanelTiles<TSource>.Eight(tile, w, scale, sums);
            return;
        }

        for (int first = 0; first < tile.Tokens; first += 4)
        {
            for (int row = 0; row < FloatPanels.Rows / 2; row += TLane.Count)
                FloatPanelTiles<TSource>.Four(tile.Part(first, 4, 0, tile.Columns), w + (4 * row), scale, sums + (first * FloatPanels.Rows) + row);
        }
    }
}
