using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in an item of a list in which no two are equal.</summary>
internal sealed class DistinctItem(State state, ArrayFrame parent, Trace? trace, byte[][] known, int depth) : TracedFrame(state, parent, trace, known, depth)
{
    private ArrayFrame List => (ArrayFrame)Parent!;

    /// <inheritdoc />
    public override bool IsTraced => true;   // the list must learn the item

    /// <summary>Begins an item.</summary>
    public static void Enter(ValueParts parts, byte value, ArrayFrame list, byte[][] known, Threads next)
    {
        if (value == '"')
        {
            if (parts.Text is { } text)
                new DistinctItem(text.Start, list, null, known, 0).Begin(value, text.Start, next);
            return;
        }

        foreach (State? start in (ReadOnlySpan<State?>)[parts.Word, parts.Number])
        {
            if (start is not null)
                new DistinctItem(start, list, null, known, 0).Step(value, next);
        }
    }

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        Begin(value, State[value], next);
        if (State.Accepts && !State.IsFinal && !IsKnown(Rivals, Length))
            List.Behind(Trace.Bytes(Trace)).Step(value, next);
    }

    /// <inheritdoc />
    public override StateFrame With(State state) => new DistinctItem(state, List, Trace, Rivals, Length);

    /// <inheritdoc />
    public override void Finish(State final, Threads next) => next.Add(List.Behind(Trace.Bytes(Trace)));

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask)
    {
        if (!ReferenceEquals(State.Origin, JsonParts.PlainText.Origin))
        {
            walk.Whole(this, mask);
            return;
        }

        TokenMask mine = walk.RentMask();
        walk.Fill(this, mine);
        foreach (byte[] text in Rivals)
        {
            int node = walk.Trie.Find(text.AsSpan(Length, text.Length - Length - 1), (byte)'"', 0, walk.Trie.Count);
            if (node >= 0)
                mine.Forbid(walk.Trie.TokensBelow(node));
        }

        mask.Or(mine);
        walk.Return(mine);
    }

    private void Begin(byte value, State after, Threads next)
    {
        if (ReferenceEquals(after, State.Dead))
            return;
        byte[][] rivals = After(value);
        var trace = new Trace(value, Trace);
        if (after.IsFinal)
        {
            if (!IsKnown(rivals, Length + 1))
                next.Add(List.Behind(Trace.Bytes(trace)));
            return;
        }

        if (rivals.Length == 0 || after.Size > rivals.Length)
            next.Add(new DistinctItem(after, List, trace, rivals, Length + 1));
    }
}
