using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of panels with several tokens: blocks of columns are widened once for many tokens, and sums stay in the second cache.</summary>
internal readonly unsafe ref struct FloatPanelMatrix<TFloats>(FloatPanelTask task) : IKernel
    where TFloats : struct, IPanelFloats
{
    private const int Group = 4;      // panels that meet a tile of many tokens while it is in the nearest cache
    private const int Few = 32;       // tokens up to which reading one panel to its end matters more
    private const int Chunk = 256;    // tokens whose sums and columns are held at a time
    private const int WideBlock = FloatPanelTask.Block * FloatPanels.Rows;   // floats of a block of one panel

    private readonly FloatPanelTask _task = task;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = _task.X.Rows, most = Math.Min(Chunk, (tokens + 7) / 8 * 8);
        Span<float> room = Scratch.Floats(Group * (WideBlock + (most * FloatPanels.Rows)));
        fixed (float* wide = room, x = _task.X.Values)
        {
            float* sums = wide + (Group * WideBlock);
            int group = tokens <= Few ? 1 : Group;
            for (int panel = 0; panel < _task.Scales.Length; panel += group)
            {
                for (int token = 0; token < tokens; token += Chunk)
                    Part<TLane>(panel, Math.Min(group, _task.Scales.Length - panel), token, x + ((long)token * _task.X.Columns), Math.Min(Chunk, tokens - token), wide, sums);
            }
        }
    }

    /// <summary>A group of panels with a chunk of tokens.</summary>
    private void Part<TLane>(int panel, int panels, int token, float* x, int tokens, float* wide, float* sums)
        where TLane : unmanaged, ILane<TLane>
    {
        int columns = _task.X.Columns, slots = (tokens + 7) / 8 * 8 * FloatPanels.Rows;
        bool widen = !TFloats.IsWide && tokens > 8;   // else a block is met once
        new Span<float>(sums, panels * slots).Clear();
        for (int column = 0; column < columns; column += FloatPanelTask.Block)
        {
            int count = Math.Min(FloatPanelTask.Block, columns - column);
            for (int i = 0; widen && i < panels; i++)
                Widen(At(panel + i, column), TLane.Fill(_task.Scales[panel + i]), count, wide + (i * WideBlock));

            for (int first = 0; first < tokens; first += 8)
            {
                var tile = new Tile(x + ((long)first * columns) + column, columns, Math.Min(8, tokens - first), count);
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
            for (int t = 0; t < tokens; t++)
                _task.Store(panel + i, token + t, sums + (i * slots) + (t * FloatPanels.Rows));
        }
    }

    private byte* At(int panel, int column) => _task.Panels + ((((long)panel * _task.X.Columns) + column) * TFloats.Bytes);

    /// <summary>A block of one panel as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
                FloatPanelTiles<TSource>.Four(tile.From(first), w + (4 * row), scale, sums + (first * FloatPanels.Rows) + row);
        }
    }
}
