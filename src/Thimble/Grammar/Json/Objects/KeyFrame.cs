using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in an object's key.</summary>
internal sealed class KeyFrame(State state, ObjectFrame parent, Trace? trace, byte[][] known, int depth) : TracedFrame(state, parent, trace, known, depth)
{
    private ObjectFrame Object => (ObjectFrame)Parent!;

    /// <inheritdoc />
    public override bool IsGuarded => !(Object.Shape.TakesAnyKey && Object.TakesOthers);

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        State after = State[value];
        if (ReferenceEquals(after, State.Dead))
            return;
        if (after is KeyEnd end)
        {
            if (end.Label < Object.Shape.Names.Length || !IsKnown(Rivals, Length))
                Object.Name(end.Label, Trace, next);
            return;
        }

        if (IsGuarded && !Admits(after))
            return;
        next.Add(new KeyFrame(after, Object, new Trace(value, Trace), After(value), Length + 1));
    }

    /// <inheritdoc />
    public override StateFrame With(State state) => new KeyFrame(state, Object, Trace, [], Length);

    /// <inheritdoc />
    public override void Finish(State final, Threads next) => Object.Name(((KeyEnd)final).Label, Trace, next);

    /// <inheritdoc />
    public override bool Admits(State state) => state is not KeyState key || (key.Others is not null && Object.TakesOthers) || Object.TakesName(key.First, key.Last);

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask) => AllowBelow(walk, walk.Trie, 0, walk.Trie.Count, mask);

    /// <inheritdoc />
    /// <remarks>Where any key may be, names change nothing within a key, only behind it: so the mask of any text is taken, which
    /// all schemas share, and put right for the tokens that end a name, or a key that has come before.</remarks>
    public override bool AllowBelow(TokenWalk walk, TokenTrie tree, int from, int to, TokenMask mask)
    {
        if (State is not KeyState key)
            return false;
        TokenMask mine = walk.RentMask();
        bool isWhole = from == 0 && to == tree.Count && ReferenceEquals(tree, walk.Trie);
        if (IsGuarded)
            AllowGuarded(walk, tree, from, to, mine, isWhole);
        else
            AllowOpen(walk, tree, from, to, mine, isWhole, key);
        foreach (byte[] text in Rivals)
        {
            int node = tree.Find(text.AsSpan(Length), (byte)'"', from, to);
            if (node >= 0)
                mine.Forbid(tree.TokensBelow(node));
        }

        mask.Or(mine);
        walk.Return(mine);
        return true;
    }

    /// <summary>Allows what may follow where other keys are told by patterns, or may not come: keys that came before left aside.</summary>
    private void AllowGuarded(TokenWalk walk, TokenTrie tree, int from, int to, TokenMask mask, bool isWhole)
    {
        StateFrame fresh = With(State);
        bool isKept = isWhole && State.IsFree && Object.TakesOthers && walk.TryKept(fresh, mask);
        if (!isKept)
            walk.Within(tree, from, to, fresh, mask);
    }

    private void AllowOpen(TokenWalk walk, TokenTrie tree, int from, int to, TokenMask mine, bool isWhole, KeyState key)
    {
        var open = new OpenKey(key.Text, Object);
        if (isWhole)
            walk.Fill(open, mine);
        else
            walk.Within(tree, from, to, open, mine);
        Threads threads = new();
        for (int name = key.First; name < key.Last; name++)
        {
            ReadOnlySpan<byte> rest = Object.Shape.Spelled[name].AsSpan(key.Depth);
            int node = tree.Find(rest, (byte)'"', from, to);
            if (node < 0)
                continue;
            mine.Forbid(tree.TokensBelow(node));
            threads.Clear();
            Object.Name(name, null, threads);
            walk.Enter(tree, node, threads, mine);
        }
    }
}
