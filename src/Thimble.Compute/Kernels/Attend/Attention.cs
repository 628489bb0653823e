using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Softmax attention of a tile of query rows over one key-value head, page by page, never holding a whole row of scores.</summary>
/// <remarks>
/// <para>A page is widened once and meets all rows of the tile: every head of the group, for several tokens.</para>
/// <para>A row's arithmetic is fixed by its own view alone: pages in order within chunks of <see cref="ChunkPages"/>, chunks
/// merged in order. So prefill, decoding and any split among threads give the same bits. A branch of a tree is met in the order
/// in which it would lie alone, so it has the bits that it would have alone.</para>
/// <para>Source: Dao et al., "FlashAttention", 2022, algorithm 1; split keys as in Flash-Decoding, 2023.</para>
/// </remarks>
internal readonly unsafe ref struct Attention<TCells, TSoftmax>(AttentionHead head) : IKernel
    where TCells : struct, ICells
    where TSoftmax : struct, ISoftmax
{
    /// <summary>Pages whose partial attention is gathered before it is merged.</summary>
    public const int ChunkPages = AttentionChunks.Pages;

    private const int Page = KeyValueStore.PageTokens, FewRows = 16, FetchBytes = 8192;

    private readonly AttentionHead _head = head;
    private readonly HeadShape _shape = head.Store.Shape(head.Layer);

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        var tile = new AttentionTile(_head.Rows, _shape, branches: _head.Tree is not null);
        int first = int.MaxValue, end = 0;
        for (int token = 0; token < _head.Queries.Rows; token++)
        {
            (int from, int to) = _head.View(_head.Position + token);
            (first, end) = (Math.Min(first, from), Math.Max(end, to));
        }

        for (int row = 0; row < _head.Rows; row++)
        {
            _head.Query(row, _shape.KeySize).CopyTo(new Span<float>(tile.Queries + (row * _shape.KeySize), _shape.KeySize));
            (tile.AllMax[row], tile.AllSum[row]) = (float.NegativeInfinity, 0);
            new Span<float>(tile.Peaks + (row * AttentionTile.Register), AttentionTile.Register).Fill(float.NegativeInfinity);
        }

        bool whole = _head.Parts.IsEmpty;
        int chunk = whole ? first / (Page * ChunkPages) : _head.FirstChunk, chunks = AttentionChunks.Count(end);
        for (; chunk < (whole ? chunks : _head.EndChunk); chunk++)
            Chunk<TLane>(tile, chunk, first / Page, (end + Page - 1) / Page);
        for (int row = 0; row < _head.Rows && whole; row++)
            Finish<TLane>(tile, row);
    }

    private void Chunk<TLane>(in AttentionTile tile, int chunk, int firstPage, int endPage)
        where TLane : unmanaged, ILane<TLane>
    {
        for (int row = 0; row < _head.Rows; row++)
            (tile.Max[row], tile.Sum[row]) = (float.NegativeInfinity, 0);
        int to = Math.Min(endPage, (chunk + 1) * ChunkPages);
        for (int page = Math.Max(firstPage, chunk * ChunkPages); page < to; page++)
        {
            if (_head.Tree is null || page < _head.TreeStart / Page)
                Gather<TLane>(tile, page);
            else
                GatherBranches<TLane>(tile, page);
        }

        for (int row = 0; row < _head.Rows; row++)
        {
            var part = new PartialAttention(Output(tile, row)) { Max = tile.Max[row], Sum = tile.Sum[row] };
            if (_head.Parts.IsEmpty)
            {
                var all = new PartialAttention(_head.Target(row, _shape.ValueSize)) { Max = tile.AllMax[row], Sum = tile.AllSum[row] };
                all.Merge<TLane>(in part);
                (tile.AllMax[row], tile.AllSum[row]) = (all.Max, all.Sum);
            }
            else
            {
                Span<float> kept = _head.Parts[chunk, row];
                (kept[0], kept[1], kept[2]) = (part.Max, part.Sum, Peak<TLane>(tile, row));
                if (!float.IsNegativeInfinity(part.Max))
                    part.Output.CopyTo(kept[AttentionParts.Heading..]);
            }
        }
    }

    private void Finish<TLane>(in AttentionTile tile, int row)
        where TLane : unmanaged, ILane<TLane>
    {
        var all = new PartialAttention(_head.Target(row, _shape.ValueSize)) { Max = tile.AllMax[row], Sum = tile.AllSum[row] };
        if (_head.Rule.Sinks is { } sinks)
            all.Sink<TLane>(sinks[_head.HeadOf(row)]);
        all.Finish<TLane>();
        if (!_head.Peaks.IsEmpty)
            _head.Peaks[row] = Peak<TLane>(tile, row);
    }

    /// <summary>Takes a page into the parts of all rows.</summary>
    private void Gather<TLane>(in AttentionTile tile, int page)
        where TLane : unmanaged, ILane<TLane>
    {
        byte* keys = _head.Store.KeysAt(_head.Pages[page], _head.Layer, _head.Head);
        byte* values = _head.Store.ValuesAt(_head.Pages[page], _head.Layer, _head.Head);
        bool direct = _head.Rows <= TCells.DirectRows;
        Fetch(values, _head.Store.Cell.Bytes(_shape.ValueSize));
        if (!direct)
            TCells.WidenKeys<TLane>(keys, _shape.KeySize, tile.Keys);
        Multiply<TLane>(new RowProducts
        {
            A = tile.Queries,
            AStride = _shape.KeySize,
            Rows = _head.Rows,
            End = _shape.KeySize,
            Columns = Page,
            C = tile.Scores,
        }, keys, tile.Keys, direct);

        int from = Page, to = 0;
        for (int row = 0; row < _head.Rows; row++)
        {
            (int first, int end) = Weigh<TLane>(tile, row, page);
            if (first < end)
                (from, to) = (Math.Min(from, first), Math.Max(to, end));
        }

        if (from >= to)
            return;

        if (page + 1 < _head.Pages.Length)
            Fetch(_head.Store.KeysAt(_head.Pages[page + 1], _head.Layer, _head.Head), _head.Store.Cell.Bytes(_shape.KeySize));
        if (!direct)
            TCells.WidenValues<TLane>(values, _shape.ValueSize, from, to, tile.Values);
        Multiply<TLane>(new RowProducts
        {
            A = tile.Scores,
            AStride = Page,
            Rows = _head.Rows,
            First = from,
            End = to,
            Columns = _shape.ValueSize,
            C = tile.Output,
            Keep = tile.Keep,
        }, values, tile.Values, direct);
    }

    /// <summary>Takes a page as each row's branch would fill it alone, wherever the branch's tokens lie.</summary>
    private void GatherBranches<TLane>(in AttentionTile tile, int page)
        where TLane : unmanaged, ILane<TLane>
    {
        bool direct = _head.Rows <= TCells.DirectRows;
        int first = _head.TreeStart / Page, end = (_head.Length + Page - 1) / Page;
        for (int stored = first; stored < end; stored++)
        {
            byte* keys = _head.Store.KeysAt(_head.Pages[stored], _head.Layer, _head.Head);
            if (!direct)
                TCells.WidenKeys<TLane>(keys, _shape.KeySize, tile.Keys);
            Multiply<TLane>(new RowProducts
            {
                A = tile.Queries,
                AStride = _shape.KeySize,
                Rows = _head.Rows,
                End = _shape.KeySize,
                Columns = Page,
                C = tile.Scores,
            }, keys, tile.Keys, direct);
            for (int row = 0; row < _head.Rows; row++)
                Straighten(row, page, stored, tile.Scores + (row * Page), tile.Branch + (row * Page), back: false);
        }

        int floats = _head.Rows * Page;
        new Span<float>(tile.Branch, floats).CopyTo(new Span<float>(tile.Scores, floats));
        for (int row = 0; row < _head.Rows; row++)
            Weigh<TLane>(tile, row, page);
        new Span<float>(tile.Scores, floats).CopyTo(new Span<float>(tile.Branch, floats));
        for (int stored = first; stored < end; stored++)
        {
            (int from, int to) = (Page, 0);
            new Span<float>(tile.Scores, floats).Clear();
            for (int row = 0; row < _head.Rows; row++)
            {
                (int least, int last) = Straighten(row, page, stored, tile.Scores + (row * Page), tile.Branch + (row * Page), back: true);
                (from, to) = (Math.Min(from, least), Math.Max(to, last));
            }

            if (from >= to)
                continue;

            byte* values = _head.Store.ValuesAt(_head.Pages[stored], _head.Layer, _head.Head);
            if (!direct)
                TCells.WidenValues<TLane>(values, _shape.ValueSize, from, to, tile.Values);
            Multiply<TLane>(new RowProducts
            {
                A = tile.Scores,
                AStride = Page,
                Rows = _head.Rows,
                First = from,
                End = to,
                Columns = _shape.ValueSize,
                C = tile.Output,
                Keep = tile.Keep,
            }, values, tile.Values, direct);
            new Span<float>(tile.Keep, _head.Rows).Fill(1);
        }
    }

    /// <summary>Moves what belongs to the keys of a row's branch between the page that stores them and the page they would fill alone.</summary>
    /// <returns>The slots [from, to) of the stored page outside of which there are none.</returns>
    private (int From, int To) Straighten(int row, int page, int stored, float* scores, float* branch, bool back)
    {
        (int from, int to) = (Page, 0);
        if (stored == page)   // what lies before the tree lies where it would
        {
            for (int slot = 0; slot < _head.TreeStart - (page * Page); slot++)
                Move(slot, slot);
        }

        for (int token = _head.Position + (row / _head.Group) - _head.TreeStart; token >= 0; token = _head.Tree!.Parent(token))
        {
            int slot = _head.TreeStart + token - (stored * Page), alone = _head.TreeStart + _head.Tree!.Depth(token) - (page * Page);
            if (slot is >= 0 and < Page && alone is >= 0 and < Page)
                Move(slot, alone);
        }

        return (from, to);

        void Move(int slot, int alone)
        {
            if (back)
                scores[slot] = branch[alone];
            else
                branch[alone] = scores[slot];
            (from, to) = (Math.Min(from, slot), Math.Max(to, slot + 1));
        }
    }

    /// <summary>Asks for the cells met next: keys and values lie too far apart for the machine to guess. Many rows hide the wait by themselves.</summary>
    private void Fetch(byte* cells, int bytes)
    {
        if (!Sse.IsSupported || _head.Rows > FewRows)
            return;

        for (int i = 0; i < Math.Min(bytes, FetchBytes); i += Allocation.Alignment)
            Sse.Prefetch1(cells + i);
    }

    private static void Multiply<TLane>(in RowProducts products, byte* cells, float* widened, bool direct)
        where TLane : unmanaged, ILane<TLane>
    {
        if (direct)
            TCells.Multiply<TLane>(in products, cells);
        else
            products.Run<TLane, FloatCell>((FloatCell*)widened);
    }

    /// <summary>Turns a row's products with a page into weights; where the row sees nothing, all are 0 and the part stays.</summary>
    /// <returns>The keys [from, to) of the page outside of which the row sees none.</returns>
    private (int From, int To) Weigh<TLane>(in AttentionTile tile, int row, int page)
        where TLane : unmanaged, ILane<TLane>
    {
        int slot = _head.Position + (row / _head.Group), start = page * Page;
        (int from, int to) = _head.View(slot);
        (from, to) = (Math.Max(0, from - start), Math.Min(Page, to - start));
        float* scores = tile.Scores + (row * Page);
        ulong unseen = Unseen(from, to);
        if (unseen == ulong.MaxValue)
        {
            new Span<float>(scores, Page).Clear();
            tile.Keep[row] = float.IsNegativeInfinity(tile.Max[row]) ? 0 : 1;
            return (Page, 0);
        }

        float scale = _head.Rule.Scale;
        if (_head.Rule.SoftCap != 0 || _head.Rule.Slopes is not null || _head.Rule.Distances is not null)
        {
            Adjust<TLane>(new Span<float>(scores, Page), _head.HeadOf(row), slot, start);
            scale = 1;
        }

        // Unseen keys get a score that the exponential turns into nothing beside the greatest, then exactly nothing.
        if (unseen != 0)
            Fill(scores, unseen, float.NegativeInfinity);
        float before = tile.Max[row];
        float level = TSoftmax.Level<TLane>(scores, scale, before, Fixed(row), tile.Peaks + (row * AttentionTile.Register));
        tile.Keep[row] = before == level ? 1 : float.IsNegativeInfinity(before) ? 0 : MathF.Exp(before - level);
        Exponentials<TLane>(scores, scale, level);
        if (unseen != 0)
            Fill(scores, unseen, 0);
        tile.Sum[row] = MathF.FusedMultiplyAdd(tile.Sum[row], tile.Keep[row], Sum<TLane>(scores));
        tile.Max[row] = level;
        return (from, to);
    }

    private float Fixed(int row) => _head.Unified is { } unified ? unified.Ranges[_head.HeadOf(row)].Level : 0;

    /// <summary>A bit for every key of a page that a token does not see.</summary>
    private static ulong Unseen(int from, int to) =>
        from >= to ? ulong.MaxValue : ~((to == Page ? ulong.MaxValue : (1UL << to) - 1) & (ulong.MaxValue << from));

    private static void Fill(float* scores, ulong keys, float value)
    {
        for (; keys != 0; keys &= keys - 1)
            scores[System.Numerics.BitOperations.TrailingZeroCount(keys)] = value;
    }

    private void Adjust<TLane>(Span<float> scores, int queryHead, int slot, int start)
        where TLane : unmanaged, ILane<TLane>
    {
        AttentionRule rule = _head.Rule;
        new Scaled(scores, rule.Scale, scores).Run<TLane>();
        if (rule.SoftCap != 0)
        {
            new Scaled(scores, 1 / rule.SoftCap, scores).Run<TLane>();
            new Map<Tanh>(scores, scores).Run<TLane>();
            new Scaled(scores, rule.SoftCap, scores).Run<TLane>();
        }

        int position = _head.PositionOf(slot), last = Math.Min(scores.Length, _head.Length - start);
        for (int i = 0; i < last && rule.Slopes is not null; i++)
            scores[i] -= rule.Slopes[queryHead] * Math.Abs(position - start - i);
        for (int i = 0; i < last && rule.Distances is not null; i++)
            scores[i] += rule.Distances[queryHead, start + i - position];
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void Exponentials<TLane>(float* scores, float scale, float level)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane scales = TLane.Fill(scale), lowered = TLane.Fill(-level);
        for (int i = 0; i < Page; i += TLane.Count)
            TLane.Store(Exp.Apply(TLane.MultiplyAdd(TLane.Load(in scores[i]), scales, lowered)), ref scores[i]);
    }

    private static float Sum<TLane>(float* weights)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane sum = TLane.Load(in *weights);
        for (int i = TLane.Count; i < Page; i += TLane.Count)
            sum += TLane.Load(in weights[i]);
        return TLane.Sum(sum);
    }

    private static float Peak<TLane>(scoped in AttentionTile tile, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Max(TLane.Load(in tile.Peaks[row * AttentionTile.Register]));

    private Span<float> Output(scoped in AttentionTile tile, int row) => new(tile.Output + (row * _shape.ValueSize), _shape.ValueSize);
}

/// <summary>The steps in which keys are gathered: a part of the arithmetic, and the least that threads share out.</summary>
internal static class AttentionChunks
{
    /// <summary>Pages of a chunk.</summary>
    public const int Pages = 8;

    /// <summary>Tokens of a chunk.</summary>
    public const int Tokens = Pages * KeyValueStore.PageTokens;

    /// <summary>Chunks that hold the first keys.</summary>
    public static int Count(int keys) => (keys + Tokens - 1) / Tokens;
}
