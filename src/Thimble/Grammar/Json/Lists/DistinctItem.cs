using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in an item of a list in which no two are equal.</summary>
/// <param name="state">The place.</param>
/// <param name="parent">The list.</param>
/// <param name="trace">What has been read of the item.</param>
/// <param name="known">The earlier items that it may still become.</param>
/// <param name="depth">Bytes read of it.</param>
/// <param name="isText">Whether it is a text, which ends with its quote.</param>
internal sealed class DistinctItem(State state, ArrayFrame parent, Trace? trace, byte[][] known, int depth, bool isText) : TracedFrame(state, parent, trace, known, depth)
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
                new DistinctItem(text.Start, list, null, known, 0, isText: true).Begin(value, text.Start, next);
            return;
        }

        foreach (State? start in (ReadOnlySpan<State?>)[parts.Word, parts.Number])
        {
            if (start is not null)
                new DistinctItem(start, list, null, known, 0, isText: false).Step(value, next);
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
    public override StateFrame With(State state) => new DistinctItem(state, List, Trace, Rivals, Length, isText);

    /// <inheritdoc />
    public override void Finish(State final, Threads next) => next.Add(List.Behind(Trace.Bytes(Trace)));

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask)
    {
        if (!isText)
        {
            walk.Whole(this, mask);
            return;
        }

        TokenMask mine = walk.RentMask();
        walk.Fill(this, mine);
        foreach (byte[] text in Rivals)
            Forbid(walk.Trie, text, mine);
        mask.Or(mine);
        walk.Return(mine);
    }

    /// <summary>Forbids the tokens that would write an earlier text again, or leave nothing else to be written.</summary>
    private void Forbid(TokenTrie trie, byte[] text, TokenMask mask)
    {
        State after = State;
        (int from, int to) = (0, trie.Count);
        for (int at = Length; at < text.Length; at++)
        {
            int node = trie.Find([], text[at], from, to);
            if (node < 0)
                return;
            after = after[text[at]];
            if (at + 1 == text.Length || (after.Size <= Rivals.Length && after.Size <= Rivals.Count(rival => rival.AsSpan().StartsWith(text.AsSpan(0, at + 1)))))
            {
                mask.Forbid(trie.TokensBelow(node));
                return;
            }

            (from, to) = (node + 1, trie.Next(node));
        }
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
            next.Add(new DistinctItem(after, List, trace, rivals, Length + 1, isText));
    }
}
