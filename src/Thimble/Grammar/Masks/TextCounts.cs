using System.Runtime.CompilerServices;
using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>How many characters of a JSON text the tokens of a vocabulary hold, from between two characters on.</summary>
internal sealed class TextCounts
{
    private readonly TokenTrie _trie, _ending;   // all tokens; those that close the text
    private readonly int _most;
    private readonly byte[] _counts;   // of tokens that stay in the text
    private readonly int[][] _tokens;   // by their counts
    private readonly TokenMask _inside;
    private readonly TokenMask?[] _upTo;
    private readonly Closing[] _closing;
    private readonly ConditionalWeakTable<State, Closing[]> _closings = [];

    /// <summary>Counts the characters of a vocabulary.</summary>
    public TextCounts(TokenTrie trie)
    {
        (_trie, _counts, _inside) = (trie, new byte[trie.Vocabulary], new(trie.Vocabulary));
        List<(byte[], int)> ending = [];
        Walk(trie, JsonParts.FreeText, (node, _, count, _) =>
        {
            foreach (int token in trie.Tokens(node))
                (_counts[token], _inside[token]) = ((byte)count, true);
        }, (node, _, _) =>
        {
            foreach (int token in trie.TokensBelow(node))
                ending.Add((trie.Shapes.Text(token).ToArray(), token));
        });
        _most = _counts.Max();
        _upTo = new TokenMask?[_most + 1];
        ILookup<byte, int> tokens = Enumerable.Range(0, trie.Vocabulary).Where(token => _inside[token]).ToLookup(token => _counts[token]);
        _tokens = [.. Enumerable.Range(0, _most + 1).Select(count => tokens[(byte)count].ToArray())];
        _ending = new(ending, trie.Vocabulary);
        _closing = Closings(JsonParts.FreeText);
    }

    /// <summary>Allows the tokens that may follow in any text.</summary>
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

        mask.Or(UpTo(most));
        Close(walk, mask, (least, most), frame, _closing);
    }

    /// <summary>Allows the tokens that may follow in a text that an automaton holds, too.</summary>
    /// <param name="walk">Walks what follows the text.</param>
    /// <param name="mask">Receives them.</param>
    /// <param name="left">The characters that must come, and those that may.</param>
    /// <param name="frame">The text, uncounted.</param>
    /// <param name="text">The text, which knows what its places need.</param>
    /// <param name="needed">The most that any of them needs.</param>
    /// <returns>Whether that could be done.</returns>
    public bool TryAllow(TokenWalk walk, TokenMask mask, (int Least, int Most) left, TermFrame frame, CountedText text, int needed)
    {
        if ((walk.Mask(frame.State) ?? StateMask.Of(frame.State, _trie)) is not { } kept)
            return false;
        int sure = left.Most - needed;   // with so many characters every place leaves room for what it needs
        if (sure >= 0)
        {
            TokenMask mine = walk.RentMask();
            mine.Or(kept.Inside);
            mine.And(UpTo(sure));
            mask.Or(mine);
            walk.Return(mine);
        }

        if (kept.IsLarge)
        {
            for (int count = Math.Max(0, sure + 1); count <= Math.Min(left.Most, _most); count++)
                Check(_tokens[count]);
        }
        else
        {
            for (int token = kept.Inside.Next(0); token >= 0; token = kept.Inside.Next(token + 1))
                Check([token]);
        }

        Close(walk, mask, left, frame, _closings.GetValue(frame.State, Closings));
        return true;

        void Check(ReadOnlySpan<int> tokens)
        {
            foreach (int token in tokens)
            {
                if (kept.Inside[token] && _inside[token] && _counts[token] > sure && text.Takes(_trie.Shapes.Text(token)))
                    mask[token] = true;
            }
        }
    }

    /// <summary>Allows the tokens that close the text with a count between the bounds.</summary>
    private static void Close(TokenWalk walk, TokenMask mask, (int Least, int Most) left, TermFrame frame, Closing[] closings)
    {
        for (int count = left.Least; count <= left.Most && count < closings.Length; count++)
        {
            if (closings[count].Exit is not { } exit)
                continue;
            mask.Allow(closings[count].Ends);
            walk.Rests(frame, exit, closings[count].Rests, mask);
        }
    }

    /// <summary>Walks tokens along an automaton and counts their characters.</summary>
    /// <param name="trie">The tokens.</param>
    /// <param name="start">Where they begin, between two characters.</param>
    /// <param name="visit">Shown each node in the text, where it stands in the automaton, its count, and its place in any text.</param>
    /// <param name="close">Shown each node that closes it, the count before, and the state.</param>
    private static void Walk(TokenTrie trie, State start, Action<int, State, int, State> visit, Action<int, int, State> close)
    {
        var stack = new (State Place, State Text, int Count)[trie.Deepest + 1];
        stack[0] = (start, JsonParts.FreeText, 0);
        for (int node = 0; node < trie.Count;)
        {
            int depth = trie.Depth(node);
            byte value = trie.Byte(node);
            (State place, State text, int count) = stack[depth];
            State after = place[value], behind = text[value];
            if (after.IsFinal)
                close(node, count, after);
            count += ReferenceEquals(text, JsonParts.FreeText) ? 1 : 0;
            if (after.IsFinal || ReferenceEquals(after, State.Dead) || count > byte.MaxValue)
            {
                node = trie.Next(node);
                continue;
            }

            visit(node, after, count, behind);
            stack[depth + 1] = (after, behind, count);
            node++;
        }
    }

    /// <summary>The tokens that close a text from a place on, by the characters before the quote.</summary>
    private Closing[] Closings(State place)
    {
        List<List<(byte[] Text, int Token)>> rests = [];
        State? exit = null;
        Walk(_ending, place, static (_, _, _, _) => { }, (node, count, final) =>
        {
            while (rests.Count <= count)
                rests.Add([]);
            _ending.AddRests(node, rests[count]);
            exit = final;
        });
        return [.. rests.Select(texts => new Closing(
            texts.Count > 0 ? exit : null, [.. texts.Where(text => text.Text.Length == 0).Select(text => text.Token)], new(texts, _trie.Vocabulary)))];
    }

    private TokenMask UpTo(int most)
    {
        if (most >= _most)
            return _inside;
        if (_upTo[most] is { } known)
            return known;
        var mask = new TokenMask(_counts.Length);
        for (int count = 0; count <= most; count++)
            mask.Allow(_tokens[count]);
        return _upTo[most] = mask;
    }

    /// <summary>Tokens that close a text behind some count of characters.</summary>
    /// <param name="Exit">The state behind the quote; null where there are none.</param>
    /// <param name="Ends">Those that end with the quote.</param>
    /// <param name="Rests">What follows it in others.</param>
    private readonly record struct Closing(State? Exit, int[] Ends, TokenTrie Rests);
}
