using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Which tokens a state takes, as far as that is the same in whatever frame it stands.</summary>
internal sealed class StateMask
{
    /// <summary>Nodes of a vocabulary from which on a mask is worth keeping, and tokens worth a look by their shapes.</summary>
    public const int Large = 1500;

    private const int MostRests = 60_000;

    private StateMask(TokenMask inside, (State, TokenTrie, int[])[] exits, bool isLarge) => (Inside, Exits, IsLarge) = (inside, exits, isLarge);

    /// <summary>Stands for the mask of a state that is walked anew each time: little of the vocabulary may come, or nearly all of it leaves the automaton.</summary>
    public static StateMask Walked { get; } = new(new(0), [], isLarge: false);

    /// <summary>The tokens that end within the automaton, or right at its end.</summary>
    public TokenMask Inside { get; }

    /// <summary>States from which tokens leave the automaton, the rests of those tokens there, and, where the frame decides on
    /// the state, the tokens that end in it.</summary>
    public IReadOnlyList<(State Exit, TokenTrie Rests, int[] Ends)> Exits { get; }

    /// <summary>Whether much of the vocabulary was looked at.</summary>
    public bool IsLarge { get; }

    /// <summary>Works it out.</summary>
    /// <returns>Null where so many tokens leave the automaton that nothing is saved.</returns>
    public static StateMask? Of(State start, TokenTrie trie)
    {
        var few = new Search(start, trie.Vocabulary);
        if (few.Walk(trie, Large))
            return few.Found(isLarge: false);
        var all = new Search(start, trie.Vocabulary);
        return all.WalkShapes(trie.Shapes) && all.Walk(trie.Shapes.Others, int.MaxValue) ? all.Found(isLarge: true) : null;
    }

    /// <summary>One search for the tokens of a state.</summary>
    private sealed class Search(State start, int vocabulary)
    {
        private readonly TokenMask _inside = new(vocabulary);
        private readonly Dictionary<State, List<(byte[] Text, int Token)>> _rests = [];
        private int _left;

        public StateMask Found(bool isLarge) => new(_inside, [.. _rests.Select(rest => Exit(rest.Key, rest.Value))], isLarge);

        /// <summary>Walks texts.</summary>
        /// <returns>Whether it came to the end before it had looked at too many.</returns>
        public bool Walk(TokenTrie trie, int most)
        {
            var stack = new State[trie.Deepest + 1];
            stack[0] = start;
            for (int node = 0, visited = 0; node < trie.Count; visited++)
            {
                if (visited == most)
                    return false;
                int depth = trie.Depth(node), next = trie.Next(node);
                State after = stack[depth][trie.Byte(node)];
                if (ReferenceEquals(after, State.Dead))
                {
                    node = next;
                    continue;
                }

                bool isOpen = !after.IsChecked && after.IsFree;
                if (isOpen)
                    _inside.Allow(trie.Tokens(node));
                if (!isOpen || (node + 1 < next && (after.IsFinal || after.HasExits)))
                {
                    if ((_left += trie.TokensBelow(node).Length) > MostRests)
                        return false;
                    trie.AddRests(node, RestsAt(after));
                }

                stack[depth + 1] = after;
                node = after.IsFinal || !after.IsFree ? next : node + 1;
            }

            return true;
        }

        /// <summary>Walks shapes, and where a state tells characters of one kind apart, the tokens one by one.</summary>
        /// <returns>Whether not too many leave the automaton.</returns>
        public bool WalkShapes(TokenShapes shapes)
        {
            TokenTrie trie = shapes.Shaped;
            if (start.IsTotal)
            {
                _inside.Or(trie.Whole);
                return true;
            }

            var stack = new State[trie.Deepest + 1];
            stack[0] = start;
            for (int node = 0; node < trie.Count;)
            {
                int depth = trie.Depth(node), next = trie.Next(node);
                State after = stack[depth].Behind(trie.Byte(node));
                if (ReferenceEquals(after, State.Split))
                {
                    foreach (int token in trie.TokensBelow(node))
                        Take(shapes.Text(token), token);
                    if (_left > MostRests)
                        return false;
                    node = next;
                    continue;
                }

                bool isWhole = ReferenceEquals(after, State.Dead) || after.IsTotal;
                if (!ReferenceEquals(after, State.Dead))
                    _inside.Allow(isWhole ? trie.TokensBelow(node) : trie.Tokens(node));
                stack[depth + 1] = after;
                node = isWhole ? next : node + 1;
            }

            return true;
        }

        private void Take(ReadOnlySpan<byte> text, int token)
        {
            State after = start;
            for (int i = 0; i < text.Length; i++)
            {
                after = after[text[i]];
                if (ReferenceEquals(after, State.Dead))
                    return;
                bool isOpen = !after.IsChecked && after.IsFree, isLast = i + 1 == text.Length;
                if (isOpen && isLast)
                {
                    _inside[token] = true;
                }
                else if (!isOpen || after.IsFinal || after.HasExits)
                {
                    RestsAt(after).Add((text[(i + 1)..].ToArray(), token));
                    _left++;
                }

                if (after.IsFinal || !after.IsFree)
                    return;
            }
        }

        private List<(byte[], int)> RestsAt(State state)
        {
            if (!_rests.TryGetValue(state, out List<(byte[], int)>? rests))
                _rests[state] = rests = [];
            return rests;
        }

        private (State, TokenTrie, int[]) Exit(State state, List<(byte[] Text, int Token)> texts)
        {
            int[] ends = [.. texts.Where(text => text.Text.Length == 0).Select(text => text.Token)];
            return (state, new(texts, vocabulary), ends);
        }
    }
}
