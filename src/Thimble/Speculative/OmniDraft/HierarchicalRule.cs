namespace Thimble.Speculative;

/// <summary>Chooses tokens of one vocabulary out of p by trying a chain of another's that was drawn out of q: exact in distribution.</summary>
/// <remarks>
/// <para>A target's token that is several of the drafter's is chosen a level at a time. At a node of the tree of paths the outcomes are its
/// children, of probability P = the share of p below them, and the end of the path, which emits the token that ends there.
/// The chain's next token names an outcome, which had probability Q; it is taken with <c>min(1, P / Q)</c>, else another
/// is drawn from <c>max(0, P − Q)</c>, a token below it from p, and the chain is done with. Only probabilities along the chain are asked for.</para>
/// <para>Where a path ends because the chain's next token is no child, that next token is known not to be one: the level after it counts
/// with q without the node's children.</para>
/// <para>The published rule weighs <c>Π q</c> against p in one step, which is not exact (up to half a probability wrong): the products of nested
/// paths are counted twice.</para>
/// </remarks>
internal sealed class HierarchicalRule
{
    private readonly List<(int Token, double P)> _alive = [];
    private readonly List<double> _p = [], _q = [];
    private readonly List<int> _outcomes = [], _barred = [];
    private readonly Dictionary<int, int> _places = [];
    private int _at;

    /// <summary>A target's token as the drafter's tokens: no other token's path is the same. Empty for one that the drafter cannot write.</summary>
    public delegate ReadOnlySpan<int> PathOf(int token);

    /// <summary>The drafter's probability of one of its tokens after so many of the chain.</summary>
    public delegate double Likelihood(int step, int draft);

    /// <summary>Begins a chain.</summary>
    public void Begin()
    {
        _at = 0;
        _barred.Clear();
    }

    /// <summary>Chooses the next token of the target.</summary>
    /// <param name="candidates">The target's tokens and their probabilities, which sum to 1.</param>
    /// <param name="chain">The drafter's tokens.</param>
    /// <param name="path">Tokens of the target as the drafter's.</param>
    /// <param name="q">The drafter's probabilities along the chain.</param>
    /// <param name="chance">Random choices.</param>
    /// <returns>The token, and whether the chain goes on after it.</returns>
    public (int Token, bool GoesOn) Choose(
        ReadOnlySpan<(int Token, double P)> candidates, ReadOnlySpan<int> chain, PathOf path, Likelihood q, Chance chance)
    {
        _alive.Clear();
        foreach ((int Token, double P) candidate in candidates)
            _alive.Add(candidate);
        for (int depth = 0; ; depth++)
        {
            if (_at == chain.Length)
                return (Emit(chance), false);

            Gather(depth, path, q);
            int selected = _places.TryGetValue(chain[_at], out int named) ? named : depth == 0 ? -1 : 0;
            double qSelected = selected < 0 ? 1 : _q[selected], pSelected = selected < 0 ? 0 : _p[selected];
            if (!chance.Happens(qSelected > 0 ? Math.Min(1, pSelected / qSelected) : 0))
            {
                Reject(depth, path, chance);
                return (Emit(chance), false);
            }

            if (selected == 0)   // the path ends here; what comes next is no child of it
            {
                Bar();
                Narrow(depth, path, -1);
                return (Emit(chance), true);
            }

            Narrow(depth, path, _outcomes[selected]);
            _barred.Clear();
            _at++;
        }
    }

    /// <summary>Finds the outcomes of a level: 0 is the end of the path, or at the root what the drafter cannot write; the others are children.</summary>
    private void Gather(int depth, PathOf path, Likelihood q)
    {
        _outcomes.Clear();
        _p.Clear();
        _q.Clear();
        _places.Clear();
        Add(-1, 0);
        double total = 0, named = 0, barred = 0;
        foreach (int child in _barred)
            barred += q(_at, child);
        foreach ((int token, double p) in _alive)
        {
            ReadOnlySpan<int> way = path(token);
            int child = way.Length > depth ? way[depth] : -1;
            if (child >= 0 && !_places.ContainsKey(child))
            {
                _places.Add(child, _outcomes.Count);
                Add(child, _barred.Contains(child) ? 0 : q(_at, child) / (1 - barred));
                named += _q[^1];
            }

            _p[child < 0 ? 0 : _places[child]] += p;
            total += p;
        }

        // Below the root the chain names the end by any token that is no child; at the root that names nothing.
        _q[0] = depth == 0 ? 0 : Math.Max(0, 1 - named);
        for (int i = 0; i < _p.Count; i++)
            _p[i] /= total;

        void Add(int child, double value)
        {
            _outcomes.Add(child);
            _p.Add(0);
            _q.Add(value);
        }
    }

    private void Reject(int depth, PathOf path, Chance chance)
    {
        Span<double> p = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_p);
        RejectionRule.Subtract(p, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_q));
        Narrow(depth, path, _outcomes[chance.Draw(p)]);
    }

    /// <summary>Remembers which tokens the chain's next one is known not to be.</summary>
    private void Bar()
    {
        foreach (int child in _outcomes)
        {
            if (child >= 0 && !_barred.Contains(child))
                _barred.Add(child);
        }
    }

    /// <summary>Keeps the tokens of an outcome.</summary>
    private void Narrow(int depth, PathOf path, int outcome)
    {
        int kept = 0;
        for (int i = 0; i < _alive.Count; i++)
        {
            ReadOnlySpan<int> way = path(_alive[i].Token);
            if ((way.Length > depth ? way[depth] : -1) == outcome)
                _alive[kept++] = _alive[i];
        }

        _alive.RemoveRange(kept, _alive.Count - kept);
    }

    private int Emit(Chance chance)
    {
        _p.Clear();
        foreach ((_, double p) in _alive)
            _p.Add(p);
        return _alive[_alive.Count == 1 ? 0 : chance.Draw(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_p))].Token;
    }
}
