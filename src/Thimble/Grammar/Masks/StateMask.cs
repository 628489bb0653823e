using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Which tokens a state takes, as far as that is the same in whatever frame it stands.</summary>
internal sealed class StateMask
{
    private const int MostRests = 60_000;

    private StateMask(TokenMask inside, (State, TokenTrie, int[])[] exits, int visited) => (Inside, Exits, Visited) = (inside, exits, visited);

    /// <summary>Stands for the mask of a state that is walked anew each time: little of the vocabulary may come, or nearly all of it leaves the automaton.</summary>
    public static StateMask Walked { get; } = new(new(0), [], 0);

    /// <summary>The tokens that end within the automaton, or right at its end.</summary>
    public TokenMask Inside { get; }

    /// <summary>States from which tokens leave the automaton, the rests of those tokens there, and, where the frame decides on
    /// the state, the tokens that end in it.</summary>
    public IReadOnlyList<(State Exit, TokenTrie Rests, int[] Ends)> Exits { get; }

    /// <summary>Nodes of the vocabulary that were looked at.</summary>
    public int Visited { get; }

    /// <summary>Works it out.</summary>
    /// <returns>Null where so many tokens leave the automaton that nothing is saved.</returns>
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

            bool isOpen = !after.IsChecked && after.IsFree;
            if (isOpen)
                inside.Allow(trie.Tokens(node));
            if (!isOpen || (node + 1 < next && (after.IsFinal || after.HasExits)))
            {
                if ((left += trie.TokensBelow(node).Length) > MostRests)
                    return null;
                if (!rests.TryGetValue(after, out List<(byte[], int)>? texts))
                    rests[after] = texts = [];
                trie.AddRests(node, texts);
            }

            stack[depth + 1] = after;
            node = after.IsFinal || !after.IsFree ? next : node + 1;
        }

        return new(inside, [.. rests.Select(rest => Exit(rest.Key, rest.Value))], visited);

        (State, TokenTrie, int[]) Exit(State state, List<(byte[] Text, int Token)> texts)
        {
            int[] ends = [.. texts.Where(text => text.Text.Length == 0).Select(text => text.Token)];
            return (state, new(texts, trie.Vocabulary), ends);
        }
    }
}
