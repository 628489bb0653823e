using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>How many characters of a JSON text the tokens of a vocabulary hold, from between two characters on.</summary>
internal sealed class TextCounts
{
    private readonly int _most;
    private readonly byte[] _counts;   // of tokens that stay in the text
    private readonly TokenMask _inside;
    private readonly TokenMask?[] _upTo;
    private readonly List<(int[] Ends, TokenTrie Rests)> _closing = [];   // by the characters before the quote

    /// <summary>Counts the characters of a vocabulary.</summary>
    public TextCounts(TokenTrie trie)
    {
        (_counts, _inside) = (new byte[trie.Vocabulary], new(trie.Vocabulary));
        var states = new State[trie.Deepest + 1];
        int[] counts = new int[trie.Deepest + 1];
        states[0] = JsonParts.FreeText;
        List<List<(byte[], int)>> closing = [];
        for (int node = 0; node < trie.Count;)
        {
            int depth = trie.Depth(node);
            State state = states[depth], after = state[trie.Byte(node)];
            int count = counts[depth] + (ReferenceEquals(state, JsonParts.FreeText) && !after.IsFinal ? 1 : 0);
            if (ReferenceEquals(after, State.Dead) || count > 255)
            {
                node = trie.Next(node);
                continue;
            }

            if (after.IsFinal)
            {
                while (closing.Count <= count)
                    closing.Add([]);
                trie.AddRests(node, closing[count]);
                node = trie.Next(node);
                continue;
            }

            foreach (int token in trie.Tokens(node))
                (_counts[token], _inside[token]) = ((byte)count, true);
            _most = Math.Max(_most, count);
            (states[depth + 1], counts[depth + 1]) = (after, count);
            node++;
        }

        _upTo = new TokenMask?[_most + 1];
        foreach (List<(byte[] Text, int Token)> texts in closing)
        {
            int[] ends = [.. texts.Where(text => text.Text.Length == 0).Select(text => text.Token)];
            _closing.Add((ends, new(texts, trie.Vocabulary)));
        }
    }

    /// <summary>Allows the tokens that may follow.</summary>
    /// <param name="walk">Walks what follows the text.</param>
    /// <param name="mask">Receives them.</param>
    /// <param name="least">The characters that must come.</param>
    /// <param name="most">The characters that may.</param>
    /// <param name="frame">The text, uncounted.</param>
    public void Allow(TokenWalk walk, TokenMask mask, int least, int most, TermFrame frame)
    {
        if (least == 0 && most >= _most)
        {
            walk.Fill(frame, mask);
            return;
        }

        mask.Or(most >= _most ? _inside : _upTo[most] ??= UpTo(most));
        State end = frame.State[(byte)'"'];
        for (int count = least; count <= most && count < _closing.Count; count++)
        {
            mask.Allow(_closing[count].Ends);
            walk.Rests(frame, end, _closing[count].Rests, mask);
        }
    }

    private TokenMask UpTo(int most)
    {
        var mask = new TokenMask(_counts.Length);
        for (int token = 0; token < _counts.Length; token++)
        {
            if (_counts[token] <= most && _inside[token])
                mask[token] = true;
        }

        return mask;
    }
}
