namespace Thimble.Speculative;

/// <summary>At which place of its level each right token of a tree stood, over many steps: from which follows what any smaller tree would have given.</summary>
/// <remarks>A level's tokens are taken likeliest first, so a narrower level has the first of them: a path goes as deep in a smaller tree as its tokens stand within the levels' widths.</remarks>
internal sealed class LevelRanks
{
    private readonly List<int[]> _paths = [];

    /// <summary>Steps learnt from.</summary>
    public int Steps => _paths.Count;

    /// <summary>Learns what came of a step with the full tree.</summary>
    public void Learn(in Verdict verdict)
    {
        int[] path = new int[verdict.Path.Length];
        ReadOnlySpan<DraftToken> tokens = verdict.Draft.Tokens;
        for (int level = 0; level < path.Length; level++)
        {
            foreach (DraftToken token in tokens[..verdict.Path[level]])
                path[level] += token.Depth == level ? 1 : 0;
        }

        if (tokens.Length > 0)
            _paths.Add(path);
    }

    /// <summary>Tokens that a step with a tree gives on the mean.</summary>
    /// <param name="levels">The most tokens of each level; none for no tree.</param>
    public double Tokens(IReadOnlyList<int> levels)
    {
        if (_paths.Count == 0)
            return 1;
        double sum = 0;
        foreach (int[] path in _paths)
        {
            int depth = 0;
            while (depth < path.Length && depth < levels.Count && path[depth] < levels[depth])
                depth++;
            sum += depth;
        }

        return 1 + (sum / _paths.Count);
    }
}
