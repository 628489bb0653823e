using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Finds the tokens that may come next, by walking the vocabulary's tree and the grammar together.</summary>
/// <remarks>Source: what XGrammar (Dong et al., 2024, section 3.1) calls context-independent tokens are the masks kept for states here;
/// only tokens that leave a state's automaton are looked at in every step.</remarks>
internal sealed class TokenWalk(TokenTrie trie)
{
    private readonly List<Threads> _spare = [];
    private readonly Stack<TokenMask> _masks = [];
    private readonly Threads _probe = new();
    private State[] _stack = new State[64];
    private int _top;

    /// <summary>The vocabulary.</summary>
    public TokenTrie Trie => trie;

    /// <summary>Allows what may follow in any of some places.</summary>
    public void Fill(Threads threads, TokenMask mask)
    {
        foreach (Frame frame in threads.All)
            frame.Allow(this, mask);
    }

    /// <summary>Allows what may follow in a frame, by walking all of the vocabulary that can.</summary>
    public void Whole(Frame frame, TokenMask mask)
    {
        Threads threads = Rent();
        threads.Add(frame);
        Below(trie, 0, trie.Count, threads, mask);
        _spare.Add(threads);
    }

    /// <summary>The mask of a state; null where it has none.</summary>
    public StateMask? Mask(State state)
    {
        if (trie.Mask(state) is { } known)
            return ReferenceEquals(known, StateMask.Walked) ? null : known;
        var mask = StateMask.Of(state, trie);
        trie.Keep(state, mask is { IsLarge: true } ? mask : StateMask.Walked);
        return mask;
    }

    /// <summary>Allows what may follow in a frame of states.</summary>
    public void Fill(StateFrame frame, TokenMask mask)
    {
        if (frame.IsGuarded || !TryKept(frame, mask))
            Run(trie, 0, trie.Count, frame.State, frame, mask);
    }

    /// <summary>Allows what may follow in a frame of states by the mask kept for its state, if there is one.</summary>
    /// <returns>Whether there is.</returns>
    public bool TryKept(StateFrame frame, TokenMask mask)
    {
        if (Mask(frame.State) is not { } kept)
            return false;

        mask.Or(kept.Inside);
        if (frame.State.HasExits)
            Rests(frame, frame.State, trie, mask);
        foreach ((State exit, TokenTrie rests, int[] ends) in kept.Exits)
            Rests(frame, exit, rests, mask, ends);
        return true;
    }

    /// <summary>Allows the tokens whose rests may follow where a frame is left.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="exit">The state in which it is left.</param>
    /// <param name="rests">The rests.</param>
    /// <param name="mask">Receives them.</param>
    /// <param name="ends">Tokens without a rest.</param>
    public void Rests(StateFrame frame, State exit, TokenTrie rests, TokenMask mask, ReadOnlySpan<int> ends = default)
    {
        Threads threads = Rent();
        if (exit.IsFinal)
            frame.Finish(exit, threads);
        else if (!exit.IsFree && frame.Admits(exit))
            threads.Add(frame.With(exit));
        else if (exit.IsFree)
            threads.Add(new LeavingFrame(exit, frame.Parent!));
        if (threads.Count > 0)
        {
            mask.Allow(ends);
            Below(rests, 0, rests.Count, threads, mask);
        }

        _spare.Add(threads);
    }

    /// <summary>A mask for a while; nothing is allowed in it.</summary>
    public TokenMask RentMask()
    {
        if (_masks.Count == 0)
            return new(trie.Vocabulary);
        TokenMask mask = _masks.Pop();
        mask.Clear();
        return mask;
    }

    /// <summary>Gives a mask back.</summary>
    public void Return(TokenMask mask) => _masks.Push(mask);

    /// <summary>Allows tokens from one node of a tree up to another that may follow in a frame.</summary>
    public void Within(TokenTrie tree, int from, int to, StateFrame frame, TokenMask mask) => Run(tree, from, to, frame.State, frame, mask);

    /// <summary>Allows the tokens of a node, and below it, where its byte leads to some places.</summary>
    public void Enter(TokenTrie tree, int node, Threads threads, TokenMask mask)
    {
        if (threads.Count == 0)
            return;
        mask.Allow(tree.Tokens(node));
        if (node + 1 < tree.Next(node))
            Below(tree, node + 1, tree.Next(node), threads, mask);
    }

    /// <summary>Allows the tokens of a node, and below it, where its byte leads to one place.</summary>
    public void Enter(TokenTrie tree, int node, Frame place, TokenMask mask)
    {
        Threads threads = Rent();
        threads.Add(place);
        Enter(tree, node, threads, mask);
        _spare.Add(threads);
    }

    /// <summary>Allows tokens from one node of a tree up to another that may follow in some places.</summary>
    private void Below(TokenTrie tree, int from, int to, Threads threads, TokenMask mask)
    {
        if (threads.Count == 1 && threads.All[0] is StateFrame frame)
        {
            if (frame.AllowBelow(this, tree, from, to, mask))
                return;
            if (!frame.IsTraced)
            {
                Run(tree, from, to, frame.State, frame, mask);
                return;
            }
        }

        if (threads.Count == 1 && threads.All[0] is CountedText counted)
        {
            counted.AllowBelow(this, tree, from, to, mask);
            return;
        }

        Threads next = Rent();
        ByteSet openers = threads.Openers;
        for (int node = from; node < to; node = tree.Next(node))
        {
            if (!openers[tree.Byte(node)])
                continue;
            threads.Step(tree.Byte(node), next);
            if (next.Count == 0)
                continue;
            mask.Allow(tree.Tokens(node));
            if (node + 1 < tree.Next(node))
                Below(tree, node + 1, tree.Next(node), next, mask);
        }

        _spare.Add(next);
    }

    /// <summary>As <see cref="Below"/> where one frame of states is all there is: nothing is allocated while the walk stays in it.</summary>
    private void Run(TokenTrie tree, int from, int to, State start, StateFrame frame, TokenMask mask)
    {
        if (from == to)
            return;

        int top = tree.Depth(from), at = _top;
        State[] stack = Stack(at + tree.Deepest - top + 1);
        stack[at] = start;
        for (int node = from; node < to;)
        {
            int place = tree.Depth(node) - top + at, next = tree.Next(node);
            byte value = tree.Byte(node);
            State state = stack[place], after = state[value];
            if (state.HasExits && Leaves(tree, node, state, frame, mask, place + 1))
            {
                stack = _stack;
                node = next;
                continue;
            }

            if (ReferenceEquals(after, State.Dead) || (frame.IsGuarded && !frame.Admits(after)))
            {
                node = next;
                continue;
            }

            if (!after.IsFinal)
            {
                mask.Allow(tree.Tokens(node));
                stack[place + 1] = after;
                node++;
                continue;
            }

            Threads threads = Rent();
            frame.Finish(after, threads);
            Enter(tree, node, threads, mask, place + 1);
            stack = _stack;
            node = next;
        }
    }

    private State[] Stack(int length)
    {
        if (_stack.Length < length)
            Array.Resize(ref _stack, 2 * length);
        return _stack;
    }

    /// <summary>Where a byte may leave the frame, walks on in all readings.</summary>
    /// <returns>Whether it did; then the node is done.</returns>
    private bool Leaves(TokenTrie tree, int node, State state, StateFrame frame, TokenMask mask, int top)
    {
        _probe.Clear();
        TermFrame.Leave(state, frame.Parent!, tree.Byte(node), _probe);
        if (_probe.Count == 0)
            return false;

        Threads threads = Rent();
        frame.With(state).Step(tree.Byte(node), threads);
        Enter(tree, node, threads, mask, top);
        return true;
    }

    private void Enter(TokenTrie tree, int node, Threads threads, TokenMask mask, int top)
    {
        int before = _top;
        _top = top;
        Enter(tree, node, threads, mask);
        _top = before;
        _spare.Add(threads);
    }

    private Threads Rent()
    {
        if (_spare.Count == 0)
            return new();
        Threads threads = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        threads.Clear();
        return threads;
    }
}
