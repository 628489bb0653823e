using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Bench;

/// <summary>Random keys and values of several layers, so that decoding finds none of them in a cache.</summary>
internal sealed class AttentionCache : IDisposable
{
    private const int Layers = 16;

    private readonly KeyValueStore _store;
    private readonly int[] _pages;
    private readonly float[] _queries, _mixed;
    private readonly int _heads, _keyHeads, _size;
    private readonly AttentionRule _rule;

    public AttentionCache(int heads, int keyHeads, int size, string cell, int length)
    {
        (_heads, _keyHeads, _size) = (heads, keyHeads, size);
        _rule = new AttentionRule(1 / MathF.Sqrt(size));
        var shape = new HeadShape(keyHeads, size, size);
        var layers = new HeadShape[Layers];
        Array.Fill(layers, shape);
        _store = new KeyValueStore(layers, CellFormat.Named(cell));
        _pages = new int[(length + 63) / 64];
        var random = new Random(1);
        float[] token = new float[keyHeads * size];
        for (int page = 0; page < _pages.Length; page++)
        {
            _pages[page] = _store.Add();
            for (int slot = 0; slot < 64; slot++)
            {
                Fill(token, random);
                for (int layer = 0; layer < Layers; layer++)
                    _store.Write(page, slot, layer, token, token);
            }
        }

        _queries = new float[512 * heads * size];
        _mixed = new float[512 * heads * size];
        Fill(_queries, random);
    }

    public double BytesPerToken => (double)_store.PageBytes / 64 / Layers;

    public double Prefill(int rounds) => Best(rounds, 0, 512, Math.Max(1, 64 / (_heads / _keyHeads)));

    public double Warm(int rounds) => Best(rounds * Layers, 512, 1, 1, 1);

    public double Decode(int depth, int rounds) => Best(rounds * Layers, depth, 1, 1);

    public void Dispose() => _store.Dispose();

    /// <summary>The sum over all pieces of each one's best time: a machine that others use too leaves whole runs seldom alone.</summary>
    private double Best(int rounds, int position, int count, int tile, int layers = Layers)
    {
        double[] best = new double[(count + tile - 1) / tile * _keyHeads];
        Array.Fill(best, double.PositiveInfinity);
        for (int i = 0; i < rounds + 2; i++)
            Attend(i % layers, position, count, tile, best);
        return best.Sum();
    }

    private void Attend(int layer, int position, int count, int tile, double[] best)
    {
        int piece = 0;
        for (int row = 0; row < count; row += tile)
        {
            int rows = Math.Min(tile, count - row);
            for (int head = 0; head < _keyHeads; head++)
            {
                long start = Stopwatch.GetTimestamp();
                _store.Cell.Attend(Head(layer, position + row, rows, row, head));
                best[piece] = Math.Min(best[piece], Stopwatch.GetElapsedTime(start).TotalSeconds);
                piece++;
            }
        }
    }

    /// <summary>Seconds of the quickest run of some work, given its layer.</summary>
    public static double Quickest(int rounds, Action<int> work)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < rounds + 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work(i % Layers);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Seconds to read a layer's keys and values, and nothing else.</summary>
    public double Read(int tokens, int rounds) => Quickest(rounds * Layers, layer =>
    {
        var sum = Vector512<long>.Zero;
        for (int page = 0; page < tokens / 64; page++)
        {
            for (int head = 0; head < _keyHeads; head++)
            {
                foreach (Vector512<long> v in MemoryMarshal.Cast<byte, Vector512<long>>(_store.Keys(_pages[page], layer, head)))
                    sum ^= v;
                foreach (Vector512<long> v in MemoryMarshal.Cast<byte, Vector512<long>>(_store.Values(_pages[page], layer, head)))
                    sum ^= v;
            }
        }

        if (sum == Vector512<long>.AllBitsSet)
            throw new InvalidOperationException("The cache held nothing but ones.");
    });

    /// <summary>Some queries and a head of keys.</summary>
    public AttentionHead Head(int layer, int position, int rows, int row, int head) => new()
    {
        Store = _store,
        Layer = layer,
        Head = head,
        Pages = _pages,
        Queries = new Matrix(_queries, _heads * _size).Part(row, rows),
        QueryColumn = head * Group * _size,
        Output = new Matrix(_mixed, _heads * _size).Part(row, rows),
        OutputColumn = head * Group * _size,
        Group = Group,
        QueryHead = head * Group,
        Position = position,
        Length = position + rows,
        Rule = _rule,
    };

    private int Group => _heads / _keyHeads;

    private static void Fill(float[] values, Random random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((random.NextDouble() * 2) - 1);
    }
}
