using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Which tokens a state takes, as far as that is the same in whatever frame it stands.</summary>
internal sealed class StateMask
{
    private const int MostRests = 60_000;

    private StateMask(TokenMask inside, (State, TokenTrie)[] exits, int visited) => (Inside, Exits, Visited) = (inside, exits, visited);

    /// <summary>The tokens that end within the automaton, or right at its end.</summary>
    public TokenMask Inside { get; }

    /// <summary>States from which tokens leave the automaton, and the rests of those tokens there.</summary>
    public IReadOnlyList<(State Exit, TokenTrie Rests)> Exits { get; }

    /// <summary>Nodes of the vocabulary that were looked at.</summary>
    public int Visited { get; }

    /// <summary>Works it out.</summary>
    /// <returns>Null where it depends on the frame, or so many tokens leave the automaton that nothing is saved.</returns>
    public static StateMask? Of(State start, TokenTrie trie)
    {
        var inside = new TokenMask(trie.Vocabulary);
        Dictionary<State, List<(byte[], int)>> rests = [];
        var stack = new State[trie.Deepest + 1];
        stack[0] = start;
        int visited = 0, left = 0;
        for (int node = 0; node < trie.Count; visited++)
        {
            int depth = trie.Depth(node), next = trie.Next(node);
            State after = stack[depth][trie.Byte(node)];
            if (ReferenceEquals(after, State.Dead))
            {
                node = next;
                continue;
            }

            if (!after.IsFree)
                return null;
            inside.Allow(trie.Tokens(node));
            if (node + 1 < next && (after.IsFinal || after.HasExits))
            {
                if ((left += trie.TokensBelow(node).Length) > MostRests)
                    return null;
                Collect(trie, node, rests, after);
            }

            stack[depth + 1] = after;
            node = after.IsFinal ? next : node + 1;
        }

        return new(inside, [.. rests.Select(rest => (rest.Key, new TokenTrie(rest.Value, trie.Vocabulary)))], visited);
    }

    /// <summary>The texts of the tokens below a node, from there on.</summary>
    private static void Collect(TokenTrie trie, int node, Dictionary<State, List<(byte[], int)>> rests, State exit)
    {
        if (!rests.TryGetValue(exit, out List<(byte[], int)>? texts))
            rests[exit] = texts = [];
        int top = trie.Depth(node) + 1;
        byte[] text = new byte[trie.Deepest];
        for (int below = node + 1; below < trie.Next(node); below++)
        {
            int length = trie.Depth(below) - top;
            text[length] = trie.Byte(below);
            foreach (int token in trie.Tokens(below))
                texts.Add((text[..(length + 1)], token));
        }
    }
}
