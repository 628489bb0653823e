using System.Diagnostics;
using System.Globalization;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Bench;

/// <summary>Attention alone, one thread: prefill in operations per second, decoding in bytes of cache per second.</summary>
internal static class AttentionBench
{
    private static readonly (int Heads, int KeyHeads, int Size)[] s_shapes = [(14, 2, 64), (32, 8, 64), (16, 8, 128)];

    public static void Run(string[] args)
    {
        string[] cells = args.Length > 0 ? args[0].Split(',') : ["F16", "F32", "BF16", "Q8_0", "Q4_0"];
        int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 15;
        Console.WriteLine($"{"heads",-12} {"cells",-6} {"prefill 512 GFLOP/s",20} {"decode at 4096 GB/s",20} {"us",8} {"warm GB/s",10}");
        foreach ((int heads, int keyHeads, int size) in s_shapes)
        {
            foreach (string cell in cells)
            {
                using var world = new World(heads, keyHeads, size, cell, 4096 + 64);
                (double prefill, double decode) = (world.Prefill(rounds), world.Decode(4096, rounds));
                double operations = 4.0 * heads * size * 512 * 513 / 2;
                Console.WriteLine(
                    $"{heads}/{keyHeads}x{size,-6} {cell,-6} {operations / prefill / 1e9,20:F1} {world.BytesPerToken * 4097 / decode / 1e9,20:F2} {decode * 1e6,8:F0} {world.BytesPerToken * 513 / world.Warm(rounds) / 1e9,10:F2}");
            }
        }
    }

    /// <summary>Random keys and values of several layers, so that decoding finds none of them in a cache.</summary>
    private sealed class World : IDisposable
    {
        private const int Layers = 16;

        private readonly KeyValueStore _store;
        private readonly int[] _pages;
        private readonly float[] _queries, _mixed;
        private readonly int _heads, _keyHeads, _size;

        public World(int heads, int keyHeads, int size, string cell, int length)
        {
            (_heads, _keyHeads, _size) = (heads, keyHeads, size);
            var shape = new HeadShape(keyHeads, size, size);
            HeadShape[] layers = new HeadShape[Layers];
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
            int group = _heads / _keyHeads;
            for (int row = 0; row < count; row += tile)
            {
                int rows = Math.Min(tile, count - row);
                for (int head = 0; head < _keyHeads; head++)
                {
                    long start = Stopwatch.GetTimestamp();
                    _store.Cell.Attend(new AttentionHead
                    {
                        Store = _store,
                        Layer = layer,
                        Head = head,
                        Pages = _pages,
                        Queries = new Matrix(_queries, _heads * _size).Part(row, rows),
                        QueryColumn = head * group * _size,
                        Output = new Matrix(_mixed, _heads * _size).Part(row, rows),
                        OutputColumn = head * group * _size,
                        Group = group,
                        QueryHead = head * group,
                        Position = position + row,
                        Length = position + count,
                        Rule = new AttentionRule(1 / MathF.Sqrt(_size)),
                    });
                    best[piece] = Math.Min(best[piece], Stopwatch.GetElapsedTime(start).TotalSeconds);
                    piece++;
                }
            }
        }

        private static void Fill(float[] values, Random random)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)((random.NextDouble() * 2) - 1);
        }
    }
}
