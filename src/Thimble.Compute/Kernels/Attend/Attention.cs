using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Softmax attention of a few query rows over one key-value head, page by page, never holding a whole row of scores.</summary>
/// <remarks>
/// <para>A row's arithmetic is fixed by its position alone: pages in order within chunks of <see cref="ChunkPages"/>, chunks
/// merged in order. So prefill, decoding and any split among threads give the same bits.</para>
/// <para>Source: Dao et al., "FlashAttention", 2022, algorithm 1; split keys as in Flash-Decoding, 2023.</para>
/// </remarks>
internal readonly ref struct Attention<TCell>(AttentionHead head) : IKernel
    where TCell : unmanaged, ICell<TCell>
{
    /// <summary>Pages whose partial attention is gathered before it is merged.</summary>
    public const int ChunkPages = 8;

    private const int Page = KeyValueStore.PageTokens;

    private readonly AttentionHead _head = head;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        HeadShape shape = _head.Store.Shape(_head.Layer);
        Span<float> part = Scratch.Floats(shape.ValueSize + Page);
        Span<float> scores = part[shape.ValueSize..];
        part = part[..shape.ValueSize];
        for (int token = 0; token < _head.Queries.Rows; token++)
        {
            for (int member = 0; member < _head.Group; member++)
                Row<TLane>(token, member, shape, scores, part);
        }
    }

    private void Row<TLane>(int token, int member, HeadShape shape, Span<float> scores, Span<float> partOutput)
        where TLane : unmanaged, ILane<TLane>
    {
        AttentionRule rule = _head.Rule;
        ReadOnlySpan<float> query = _head.Queries[token].Slice(_head.QueryColumn + (member * shape.KeySize), shape.KeySize);
        int position = _head.Position + token, end = rule.Causal ? Math.Min(position + 1, _head.Length) : _head.Length;
        int first = rule.FirstKey(position);
        int queryHead = (_head.Head * _head.Group) + member;

        var all = new PartialAttention(_head.Output[token].Slice(_head.OutputColumn + (member * shape.ValueSize), shape.ValueSize));
        all.Output.Clear();
        for (int page = first / Page; page * Page < end;)
        {
            var part = new PartialAttention(partOutput);
            part.Output.Clear();
            int chunkEnd = ((page / ChunkPages) + 1) * ChunkPages;
            for (; page < chunkEnd && page * Page < end; page++)
            {
                int from = Math.Max(0, first - (page * Page)), to = Math.Min(Page, end - (page * Page));
                Scores<TLane>(query, page, scores);
                Adjust<TLane>(scores, rule, queryHead, position - (page * Page));
                Gather<TLane>(ref part, scores, from, to, page, shape.ValueSize);
            }

            all.Merge<TLane>(in part);
        }

        if (rule.Sinks is { } sinks)
            Sink<TLane>(ref all, sinks[queryHead]);
        all.Finish<TLane>();
    }

    /// <summary>Products of a query with the 64 keys of a page, seen or not.</summary>
    private void Scores<TLane>(ReadOnlySpan<float> query, int page, Span<float> scores)
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<TCell> keys = MemoryMarshal.Cast<byte, TCell>(_head.Store.Keys(_head.Pages[page], _head.Layer, _head.Head));
        for (int key = 0; key < Page; key += 4 * TLane.Count)
        {
            TLane sum0 = TLane.Fill(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int i = 0; i < query.Length; i++)
            {
                var q = TLane.Fill(query[i]);
                ref readonly TCell k = ref keys[(i * Page) + key];
                sum0 = TLane.MultiplyAdd(q, TCell.Load<TLane>(in k), sum0);
                sum1 = TLane.MultiplyAdd(q, TCell.Load<TLane>(in keys[(i * Page) + key + TLane.Count]), sum1);
                sum2 = TLane.MultiplyAdd(q, TCell.Load<TLane>(in keys[(i * Page) + key + (2 * TLane.Count)]), sum2);
                sum3 = TLane.MultiplyAdd(q, TCell.Load<TLane>(in keys[(i * Page) + key + (3 * TLane.Count)]), sum3);
            }

            TLane.Store(sum0, ref scores[key]);
            TLane.Store(sum1, ref scores[key + TLane.Count]);
            TLane.Store(sum2, ref scores[key + (2 * TLane.Count)]);
            TLane.Store(sum3, ref scores[key + (3 * TLane.Count)]);
        }
    }

    private static void Adjust<TLane>(Span<float> scores, AttentionRule rule, int queryHead, int distance)
        where TLane : unmanaged, ILane<TLane>
    {
        new Scaled(scores, rule.Scale, scores).Run<TLane>();
        if (rule.SoftCap != 0)
        {
            new Scaled(scores, 1 / rule.SoftCap, scores).Run<TLane>();
            new Map<Tanh>(scores, scores).Run<TLane>();
            new Scaled(scores, rule.SoftCap, scores).Run<TLane>();
        }

        if (rule.Slopes is { } slopes)
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] -= slopes[queryHead] * Math.Abs(distance - i);
        }
    }

    /// <summary>Takes the keys [from, to) of a page into a part.</summary>
    private void Gather<TLane>(ref PartialAttention part, Span<float> scores, int from, int to, int page, int size)
        where TLane : unmanaged, ILane<TLane>
    {
        // Unseen keys get a score that the exponential turns into nothing beside the greatest, then exactly nothing.
        scores[..from].Fill(float.NegativeInfinity);
        scores[to..].Fill(float.NegativeInfinity);
        var greatest = TLane.Load(in scores[0]);
        for (int i = TLane.Count; i < Page; i += TLane.Count)
            greatest = TLane.Max(greatest, TLane.Load(in scores[i]));

        float max = MathF.Max(part.Max, TLane.Max(greatest));
        float keep = float.IsNegativeInfinity(part.Max) ? 0 : MathF.Exp(part.Max - max);
        var maxima = TLane.Fill(max);
        for (int i = 0; i < Page; i += TLane.Count)
            TLane.Store(Exp.Apply(TLane.Load(in scores[i]) - maxima), ref scores[i]);
        scores[..from].Clear();
        scores[to..].Clear();

        var sums = TLane.Fill(0);
        for (int i = 0; i < Page; i += TLane.Count)
            sums += TLane.Load(in scores[i]);
        part.Sum = MathF.FusedMultiplyAdd(part.Sum, keep, TLane.Sum(sums));
        part.Max = max;

        ReadOnlySpan<TCell> values = MemoryMarshal.Cast<byte, TCell>(_head.Store.Values(_head.Pages[page], _head.Layer, _head.Head));
        int feature = 0;
        for (; feature <= size - (4 * TLane.Count); feature += 4 * TLane.Count)
            Four<TLane>(values, scores, from, to, feature, size, keep, part.Output);
        for (; feature <= size - TLane.Count; feature += TLane.Count)
            One<TLane>(values, scores, from, to, feature, size, keep, part.Output);
        for (; feature < size; feature++)
            One<Scalar>(values, scores, from, to, feature, size, keep, part.Output);
    }

    private static void Four<TLane>(
        ReadOnlySpan<TCell> values, ReadOnlySpan<float> weights, int from, int to, int feature, int size, float keep, Span<float> output)
        where TLane : unmanaged, ILane<TLane>
    {
        var kept = TLane.Fill(keep);
        Span<float> y = output.Slice(feature, 4 * TLane.Count);
        TLane sum0 = TLane.Load(in y[0]) * kept, sum1 = TLane.Load(in y[TLane.Count]) * kept;
        TLane sum2 = TLane.Load(in y[2 * TLane.Count]) * kept, sum3 = TLane.Load(in y[3 * TLane.Count]) * kept;
        for (int key = from; key < to; key++)
        {
            var weight = TLane.Fill(weights[key]);
            ReadOnlySpan<TCell> v = values.Slice((key * size) + feature, 4 * TLane.Count);
            sum0 = TLane.MultiplyAdd(weight, TCell.Load<TLane>(in v[0]), sum0);
            sum1 = TLane.MultiplyAdd(weight, TCell.Load<TLane>(in v[TLane.Count]), sum1);
            sum2 = TLane.MultiplyAdd(weight, TCell.Load<TLane>(in v[2 * TLane.Count]), sum2);
            sum3 = TLane.MultiplyAdd(weight, TCell.Load<TLane>(in v[3 * TLane.Count]), sum3);
        }

        TLane.Store(sum0, ref y[0]);
        TLane.Store(sum1, ref y[TLane.Count]);
        TLane.Store(sum2, ref y[2 * TLane.Count]);
        TLane.Store(sum3, ref y[3 * TLane.Count]);
    }

    private static void One<TLane>(
        ReadOnlySpan<TCell> values, ReadOnlySpan<float> weights, int from, int to, int feature, int size, float keep, Span<float> output)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane sum = TLane.Load(in output[feature]) * TLane.Fill(keep);
        for (int key = from; key < to; key++)
            sum = TLane.MultiplyAdd(TLane.Fill(weights[key]), TCell.Load<TLane>(in values[(key * size) + feature]), sum);
        TLane.Store(sum, ref output[feature]);
    }

    /// <summary>A score without a value: it only takes weight away from the others.</summary>
    private static void Sink<TLane>(ref PartialAttention all, float score)
        where TLane : unmanaged, ILane<TLane>
    {
        float max = MathF.Max(all.Max, score), keep = MathF.Exp(all.Max - max);
        new Scaled(all.Output, keep, all.Output).Run<TLane>();
        all.Sum = MathF.FusedMultiplyAdd(all.Sum, keep, MathF.Exp(score - max));
        all.Max = max;
    }
}
