namespace Thimble.Speculative;

/// <summary>Which tokens of the target are several of the drafter's, as met so far: a trie over the drafter's tokens, within a budget.</summary>
/// <remarks>The paper forgets nothing; we forget what was used longest ago, a quarter at a time, so that a stream without end fits.</remarks>
/// <param name="most">The most tokens of the target kept.</param>
internal sealed class NgramCache(int most = 1 << 15)
{
    /// <summary>What one token costs on the mean: its path, its nodes and their ways.</summary>
    public const int BytesPerToken = 200;

    private readonly Dictionary<int, (int[] Path, long Used)> _paths = [];
    private readonly Dictionary<(int Node, int Draft), int> _ways = [];
    private readonly List<int> _tokens = [-1];   // of each node, the target's token that ends there
    private long _clock;

    /// <summary>The node from which all paths start.</summary>
    public const int Root = 0;

    /// <summary>Tokens of the target known.</summary>
    public int Count => _paths.Count;

    /// <summary>How many are asked for, and how many of these were known.</summary>
    public (long Asked, long Known) Hits { get; private set; }

    /// <summary>The drafter's tokens that a target's token is; empty where it is not known.</summary>
    public ReadOnlySpan<int> Path(int target) => _paths.TryGetValue(target, out (int[] Path, long Used) entry) ? entry.Path : [];

    /// <summary>Learns a token of the target.</summary>
    /// <param name="target">The token.</param>
    /// <param name="draft">The drafter's tokens that it is, two or more.</param>
    public void Learn(int target, ReadOnlySpan<int> draft)
    {
        bool known = _paths.ContainsKey(target);
        Hits = (Hits.Asked + 1, Hits.Known + (known ? 1 : 0));
        if (!known && _paths.Count >= most)
            Forget();
        _paths[target] = (known ? _paths[target].Path : draft.ToArray(), _clock++);
        if (!known)
            Place(target, draft);
    }

    /// <summary>The node one token of the drafter further; −1 for none.</summary>
    public int Step(int node, int draft) => _ways.TryGetValue((node, draft), out int next) ? next : -1;

    /// <summary>The target's token whose path ends at a node; −1 for none.</summary>
    public int Token(int node) => _tokens[node];

    private void Place(int target, ReadOnlySpan<int> draft)
    {
        int node = Root;
        foreach (int token in draft)
        {
            if (!_ways.TryGetValue((node, token), out int next))
            {
                next = _tokens.Count;
                _tokens.Add(-1);
                _ways.Add((node, token), next);
            }

            node = next;
        }

        _tokens[node] = target;
    }

    private void Forget()
    {
        (int Target, int[] Path, long Used)[] kept = [.. _paths.Select(entry => (entry.Key, entry.Value.Path, entry.Value.Used))
            .OrderByDescending(entry => entry.Used).Take(most - Math.Max(1, most / 4))];
        _paths.Clear();
        _ways.Clear();
        _tokens.RemoveRange(1, _tokens.Count - 1);
        foreach ((int target, int[] path, long used) in kept.Reverse())
        {
            _paths.Add(target, (path, used));
            Place(target, path);
        }
    }
}
