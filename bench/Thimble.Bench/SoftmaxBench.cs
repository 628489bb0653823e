using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>One token's attention by three kinds of softmax: over the whole row in two passes, online, and under a calibrated level.</summary>
internal static class SoftmaxBench
{
    private const int Heads = 16, KeyHeads = 4, Size = 64;

    public static void Run(int rounds)
    {
        Console.WriteLine($"{"context",8} {"threads",8} {"two-pass us",12} {"online us",12} {"unified us",12} {"online/unified",16}");
        foreach (int threads in (int[])[1, 2])
        {
            using var team = new Team(threads);
            for (int context = 512; context <= 32768; context *= 4)
            {
                using var cache = new AttentionCache(Heads, KeyHeads, Size, "F32", context);
                var unified = new UnifiedLayer(Heads, calibrating: false);
                Array.Fill(unified.Ranges, UnifiedRange.Around(0));
                double two = Time(cache, team, context, Kind.TwoPass, null, rounds), online = Time(cache, team, context, Kind.Online, null, rounds);
                double level = Time(cache, team, context, Kind.Online, unified, rounds);
                Console.WriteLine($"{context,8} {threads,8} {two * 1e6,12:F1} {online * 1e6,12:F1} {level * 1e6,12:F1} {online / level,16:F2}");
            }
        }
    }

    private enum Kind
    {
        TwoPass,
        Online,
    }

    private static double Time(AttentionCache cache, Team team, int context, Kind kind, UnifiedLayer? unified, int rounds) =>
        AttentionCache.Quickest(rounds * 4, layer => team.Run(new Work(cache, layer, context, kind, unified)));

    private readonly struct Work(AttentionCache cache, int layer, int context, Kind kind, UnifiedLayer? unified) : ITeamWork
    {
        public void Run(int member, int members)
        {
            for (int head = member; head < KeyHeads; head += members)
            {
                AttentionHead task = cache.Head(layer, context - 1, 1, 0, head) with { Unified = unified };
                if (kind == Kind.TwoPass)
                    Lanes.Best(new TwoPass(task));
                else
                    task.Store.Cell.Attend(in task);
            }
        }
    }

    /// <summary>All scores, then their softmax, then all values.</summary>
    private readonly unsafe ref struct TwoPass(AttentionHead head) : IKernel
    {
        private readonly AttentionHead _head = head;

        public void Run<TLane>()
            where TLane : unmanaged, ILane<TLane>
        {
            int pages = (_head.Length + 63) / 64, rows = _head.Rows;
            Span<float> room = Scratch.Floats((rows * 64 * pages) + (rows * Size));
            fixed (float* scores = room, queries = _head.Query(0, Size), target = _head.Target(0, Size))
            {
                float* ones = scores + (rows * 64 * pages);
                new Span<float>(ones, rows).Fill(1);
                for (int page = 0; page < pages; page++)
                {
                    new RowProducts { A = queries, AStride = Size, Rows = rows, End = Size, Columns = 64, C = scores + (page * rows * 64) }
                        .Run<TLane, FloatCell>((FloatCell*)_head.Store.KeysAt(_head.Pages[page], _head.Layer, _head.Head));
                }

                for (int row = 0; row < rows; row++)
                    Softmax<TLane>(scores + (row * 64), rows * 64, pages);
                new Span<float>(target, rows * Size).Clear();
                for (int page = 0; page < pages; page++)
                {
                    new RowProducts { A = scores + (page * rows * 64), AStride = 64, Rows = rows, End = 64, Columns = Size, C = target, Keep = ones }
                        .Run<TLane, FloatCell>((FloatCell*)_head.Store.ValuesAt(_head.Pages[page], _head.Layer, _head.Head));
                }
            }
        }

        private void Softmax<TLane>(float* scores, int stride, int pages)
            where TLane : unmanaged, ILane<TLane>
        {
            var scale = TLane.Fill(_head.Rule.Scale);
            var greatest = TLane.Fill(float.NegativeInfinity);
            for (int at = 0; at < pages * stride; at += stride)
            {
                for (int i = 0; i < 64; i += TLane.Count)
                    greatest = TLane.Max(greatest, TLane.Load(in scores[at + i]));
            }

            TLane max = TLane.Fill(-TLane.Max(greatest) * _head.Rule.Scale), sum = TLane.Fill(0);
            for (int at = 0; at < pages * stride; at += stride)
            {
                for (int i = 0; i < 64; i += TLane.Count)
                {
                    TLane weight = Exp.Apply(TLane.MultiplyAdd(TLane.Load(in scores[at + i]), scale, max));
                    TLane.Store(weight, ref scores[at + i]);
                    sum += weight;
                }
            }

            float whole = 1 / TLane.Sum(sum);
            for (int at = 0; at < pages * stride; at += stride)
                new Scaled(new Span<float>(scores + at, 64), whole, new Span<float>(scores + at, 64)).Run<TLane>();
        }
    }
}
