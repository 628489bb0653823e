using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Models.Blocks;

/// <summary>Attention of a run's queries over the keys their sequences keep: every tile of queries with every key-value head
/// is a piece, and whoever of the team is free takes the next.</summary>
/// <remarks>Where a sequence has so few queries that pieces are fewer than threads could share evenly, its keys are split into chunks
/// too, and merged in order: the bits are those of the unsplit work. So are sequences' keys that lie in the same pages, which are met once
/// for all of them.</remarks>
internal readonly ref struct AttentionWork : ITeamWork
{
    private const int TileRows = 64;      // query rows of one piece: enough that widening a page costs little beside meeting it
    private const int PiecesEach = 4;     // pieces for each thread that even out unequal ones

    private readonly int _lender, _group, _members;
    private readonly HeadShape _keys;
    private readonly AttentionRule _rule;
    private readonly Pass _pass;
    private readonly Matrix _queries, _mixed;
    private readonly ReadOnlySpan<Segment> _segments;
    private readonly Span<float> _parts;
    private readonly ReadOnlySpan<SharedKeys> _shared;
    private readonly UnifiedLayer? _unified;
    private readonly bool _joins;

    private AttentionWork(
        int number, int lender, int heads, HeadShape keys, AttentionRule rule, Pass pass, ReadOnlySpan<Segment> segments, Matrix queries, Matrix mixed,
        ReadOnlySpan<SharedKeys> shared, Span<float> parts, bool joins)
    {
        _segments = segments;
        _shared = shared;
        (_lender, _group, _keys, _rule, _pass, _joins) = (lender, heads / keys.Heads, keys, rule, pass, joins);
        _unified = segments.Length > 0 && segments[0].Reads ? null : pass.FlashDecoding?.Layer(number, heads);
        _members = pass.Team.Size;
        _queries = queries;
        _mixed = mixed;
        _parts = parts;
    }

    /// <summary>Attends.</summary>
    /// <param name="number">The mixer's number.</param>
    /// <param name="lender">The number of the mixer whose keys and values are met.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keys">Key-value heads and their sizes.</param>
    /// <param name="rule">How scores are made, and which keys a query sees.</param>
    /// <param name="pass">The run.</param>
    /// <param name="queries">Shape [rows, ≥ heads · key size].</param>
    /// <param name="mixed">Receives the outcome, shape [rows, heads · value size].</param>
    public static void Run(int number, int lender, int heads, HeadShape keys, AttentionRule rule, Pass pass, Matrix queries, Matrix mixed) =>
        Run(number, lender, heads, keys, rule, pass, pass.Segments, queries, mixed);

    /// <summary>Attends to what other states than the run's keep, one for each of its sequences.</summary>
    public static void Run(
        int number, int lender, int heads, HeadShape keys, AttentionRule rule, Pass pass, ReadOnlySpan<Segment> segments, Matrix queries, Matrix mixed)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        ReadOnlySpan<SharedKeys> shared = Shared(rule, pass, segments);
        var work = new AttentionWork(number, lender, heads, keys, rule, pass, segments, queries, mixed, shared, [], joins: false);
        int floats = work.AllFloats();
        Span<float> parts = pass.Scratch.Rent<float>(floats);
        pass.Tickets.Reset();
        pass.Team.Run(new AttentionWork(number, lender, heads, keys, rule, pass, segments, queries, mixed, shared, parts, joins: false));
        if (floats == 0)
            return;

        pass.Tickets.Reset();
        pass.Team.Run(new AttentionWork(number, lender, heads, keys, rule, pass, segments, queries, mixed, shared, parts, joins: true));
    }

    public void Run(int member, int members)
    {
        var turn = new Turn(_pass.Tickets);
        Span<float> parts = _parts;
        ReadOnlySpan<SharedKeys> shared = _shared;
        for (int i = 0; i < _segments.Length; i++)
        {
            if (!shared.IsEmpty && shared[0].First == i)
            {
                Together(shared[0], parts[..GroupFloats(shared[0])], ref turn);
                parts = parts[GroupFloats(shared[0])..];
                i += shared[0].Count - 1;
                shared = shared[1..];
                continue;
            }

            Segment segment = _segments[i];
            bool splits = Splits(segment);
            Span<float> own = parts[..(splits ? PartFloats(segment) : 0)];
            parts = parts[own.Length..];
            if (_joins && splits)
                Join(segment, own, ref turn);
            else if (!_joins && splits)
                Split(segment, own, ref turn);
            else if (!_joins)
                Whole(segment, ref turn);
        }
    }

    /// <summary>The sequences that share keys, where that may be made use of; counts the keys met.</summary>
    private static ReadOnlySpan<SharedKeys> Shared(AttentionRule rule, Pass pass, ReadOnlySpan<Segment> segments)
    {
        if (segments.Length < 2 || !pass.SharesKeys || pass.FlashDecoding is not null || !SharedKeys.Allows(rule))
            return [];

        Span<SharedKeys> found = pass.Scratch.Rent<SharedKeys>(segments.Length / 2);
        found = found[..SharedKeys.Find(segments, found)];
        foreach (SharedKeys group in found)
            pass.KeysSpared += (long)(group.Count - 1) * group.Keys;
        return found;
    }

    private int AllFloats()
    {
        int floats = 0, next = 0;
        foreach (SharedKeys group in _shared)
        {
            for (; next < group.First; next++)
                floats += Splits(_segments[next]) ? PartFloats(_segments[next]) : 0;
            floats += GroupFloats(group);
            next += group.Count;
        }

        for (; next < _segments.Length; next++)
            floats += Splits(_segments[next]) ? PartFloats(_segments[next]) : 0;
        return floats;
    }

    /// <summary>Sequences that share keys: those once for all, a tile of sequences at a time; then each one's own, and the merge.</summary>
    private void Together(SharedKeys group, Span<float> parts, ref Turn turn)
    {
        Span<float> common = parts[..CommonFloats(group)];
        parts = parts[common.Length..];
        for (int chunk = 0; chunk < group.Chunks && !_joins; chunk++)
        {
            for (int tile = 0; tile * Tile < group.Count; tile++)
            {
                for (int head = 0; head < _keys.Heads; head++)
                {
                    if (turn.IsMine())
                        _segments[group.First].State.Store.Cell.Attend(Common(group, tile, head, common) with { FirstChunk = chunk, EndChunk = chunk + 1 });
                }
            }
        }

        for (int i = 0; i < group.Count; i++)
        {
            Segment segment = _segments[group.First + i];
            Span<float> own = parts[..PartFloats(segment)];
            parts = parts[own.Length..];
            for (int head = 0; head < _keys.Heads; head++)
            {
                if (!turn.IsMine())
                    continue;

                AttentionHead mine = Head(segment, head, own);
                if (!_joins)
                {
                    segment.State.Store.Cell.Attend(mine with { FirstChunk = group.Chunks, EndChunk = Chunks(segment) });
                    continue;
                }

                AttentionParts shared = Common(group, i / Tile, head, common).Parts;
                for (int chunk = 0; chunk < group.Chunks; chunk++)
                {
                    for (int row = 0; row < _group; row++)
                        shared[chunk, (i % Tile * _group) + row].CopyTo(mine.Parts[chunk, row]);
                }

                segment.State.Store.Cell.Join(mine with { FirstChunk = 0, EndChunk = Chunks(segment) });
            }
        }
    }

    /// <summary>A tile of sequences and the keys that they share.</summary>
    private AttentionHead Common(SharedKeys group, int tile, int head, Span<float> parts)
    {
        Segment first = _segments[group.First + (tile * Tile)];
        int rows = Math.Min(Tile, group.Count - (tile * Tile));
        int length = group.Chunks * HeadFloats(rows), start = group.Chunks * ((tile * _keys.Heads * HeadFloats(Tile)) + (head * HeadFloats(rows)));
        return Head(first, 0, rows, head) with
        {
            Position = group.Keys,   // behind all of them: each query sees every one
            Length = group.Keys,
            Parts = new(parts.Slice(start, length), rows * _group, _keys.ValueSize),
        };
    }

    private int GroupFloats(SharedKeys group)
    {
        int floats = CommonFloats(group);
        foreach (Segment segment in _segments.Slice(group.First, group.Count))
            floats += PartFloats(segment);
        return floats;
    }

    private int CommonFloats(SharedKeys group) => group.Chunks * _keys.Heads * HeadFloats(group.Count);

    private int Tile => Math.Max(1, TileRows / _group);

    private static int Chunks(Segment segment) => AttentionChunks.Count(segment.Keys);

    private int PartFloats(Segment segment) => Chunks(segment) * _keys.Heads * HeadFloats(segment.Count);

    private int HeadFloats(int tokens) => tokens * _group * (AttentionParts.Heading + _keys.ValueSize);

    private bool Splits(Segment segment) => _members > 1 && segment.Count <= Tile && Chunks(segment) > 1
        && _keys.Heads * _segments.Length < PiecesEach * _members;

    /// <summary>Tiles of queries; the last first, for they see most keys.</summary>
    private void Whole(Segment segment, ref Turn turn)
    {
        for (int tile = (segment.Count - 1) / Tile; tile >= 0; tile--)
        {
            for (int head = 0; head < _keys.Heads; head++)
            {
                if (turn.IsMine())
                    segment.State.Store.Cell.Attend(Head(segment, tile * Tile, Math.Min(Tile, segment.Count - (tile * Tile)), head));
            }
        }
    }

    /// <summary>Chunks of keys.</summary>
    private void Split(Segment segment, Span<float> parts, ref Turn turn)
    {
        int chunks = Chunks(segment);
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            for (int head = 0; head < _keys.Heads; head++)
            {
                if (turn.IsMine())
                    segment.State.Store.Cell.Attend(Head(segment, head, parts) with { FirstChunk = chunk, EndChunk = chunk + 1 });
            }
        }
    }

    private void Join(Segment segment, Span<float> parts, ref Turn turn)
    {
        for (int head = 0; head < _keys.Heads; head++)
        {
            if (turn.IsMine())
                segment.State.Store.Cell.Join(Head(segment, head, parts) with { FirstChunk = 0, EndChunk = Chunks(segment) });
        }
    }

    private AttentionHead Head(Segment segment, int head, Span<float> parts)
    {
        int length = Chunks(segment) * HeadFloats(segment.Count);
        return Head(segment, 0, segment.Count, head) with
        {
            Parts = new(parts.Slice(head * length, length), segment.Count * _group, _keys.ValueSize),
        };
    }

    private AttentionHead Head(Segment segment, int row, int rows, int head) => new()
    {
        Store = segment.State.Store,
        Layer = segment.State.Layer(_lender),
        Head = head,
        Pages = segment.State.Pages,
        Queries = _queries.Part(segment.First + row, rows),
        QueryColumn = head * _group * _keys.KeySize,
        Output = _mixed.Part(segment.First + row, rows),
        OutputColumn = head * _group * _keys.ValueSize,
        Group = _group,
        QueryHead = head * _group,
        Position = segment.Position + row,
        Length = segment.Keys,
        Rule = _rule,
        Tree = segment.Tree,
        TreeStart = segment.TreeStart,
        Mutual = segment.Mutual,
        Unified = _unified,
    };

    /// <summary>Which pieces fall to one thread: all count them alike, and each takes the next number that nobody has.</summary>
    private struct Turn(Tickets tickets)
    {
        private int _piece, _next = tickets.Take();

        public bool IsMine()
        {
            if (_piece++ != _next)
                return false;

            _next = tickets.Take();
            return true;
        }
    }
}
