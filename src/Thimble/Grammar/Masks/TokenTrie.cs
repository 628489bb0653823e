using System.Runtime.CompilerServices;
using Thimble.Models.Tokens;
using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>The texts of a vocabulary's tokens, or the rests of some of them, as a tree of bytes laid out in the order of a walk.</summary>
internal sealed class TokenTrie
{
    /// <summary>The byte that stands before the name of a control token: no text has it, so only what asks for it gets it.</summary>
    public const byte ControlMark = 0xFF;

    private const int MostKept = 1024;   // 20 MB for a vocabulary of 150,000

    private readonly ConditionalWeakTable<State, StateMask> _masks = [];
    private readonly int[] _roots = new int[256];   // the first node of the uppermost that is not below a byte
    private readonly byte[] _bytes;
    private readonly ushort[] _depths;
    private readonly int[] _next, _first, _tokens;
    private int _kept;

    /// <summary>Lays out texts.</summary>
    /// <param name="texts">Text and token, in any order; empty texts are left out.</param>
    /// <param name="vocabulary">Tokens in the vocabulary.</param>
    public TokenTrie(List<(byte[] Text, int Token)> texts, int vocabulary)
    {
        texts.RemoveAll(static text => text.Text.Length is 0 or > 1024);
        texts.Sort(static (x, y) => x.Text.AsSpan().SequenceCompareTo(y.Text) is var order && order != 0 ? order : x.Token.CompareTo(y.Token));
        (Vocabulary, _tokens) = (vocabulary, [.. texts.Select(text => text.Token)]);
        List<byte> bytes = [];
        List<ushort> depths = [];
        List<int> next = [], first = [];
        var open = new Stack<int>();
        ReadOnlySpan<byte> before = default;
        for (int i = 0; i < texts.Count; i++)
        {
            ReadOnlySpan<byte> text = texts[i].Text;
            int common = before.CommonPrefixLength(text);
            while (open.Count > common)
                next[open.Pop()] = bytes.Count;
            for (int depth = common; depth < text.Length; depth++)
            {
                open.Push(bytes.Count);
                bytes.Add(text[depth]);
                depths.Add((ushort)depth);
                next.Add(0);
                first.Add(i);
            }

            Deepest = Math.Max(Deepest, text.Length);
            before = text;
        }

        while (open.Count > 0)
            next[open.Pop()] = bytes.Count;
        first.Add(texts.Count);
        for (int node = 0, value = 0; value < 256; value++)
        {
            while (node < bytes.Count && bytes[node] < value)
                node = next[node];
            _roots[value] = node;
        }

        (_bytes, _depths, _next, _first) = ([.. bytes], [.. depths], [.. next], [.. first]);
    }

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; }

    /// <summary>Nodes; the root is none of them.</summary>
    public int Count => _bytes.Length;

    /// <summary>Bytes of the longest text.</summary>
    public int Deepest { get; }

    /// <summary>How many characters of a JSON text tokens hold.</summary>
    public TextCounts Counts
    {
        get
        {
            lock (_bytes)
                return field ??= new(this);
        }
    }

    /// <summary>The tokens by the shapes of their texts.</summary>
    public TokenShapes Shapes
    {
        get
        {
            lock (_bytes)
                return field ??= new(this);
        }
    }

    /// <summary>All tokens that are laid out.</summary>
    public TokenMask Whole
    {
        get
        {
            if (field is { } known)
                return known;
            var all = new TokenMask(Vocabulary);
            all.Allow(_tokens);
            return field = all;
        }
    }

    /// <summary>The texts of all tokens a grammar may choose from.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="vocabulary">Tokens that a model scores.</param>
    /// <param name="controls">Whether control tokens are among them, behind <see cref="ControlMark"/>.</param>
    public static TokenTrie Of(Tokenizer tokenizer, int vocabulary, bool controls)
    {
        List<(byte[], int)> texts = new(vocabulary);
        for (int id = 0; id < Math.Min(vocabulary, tokenizer.VocabularySize); id++)
        {
            TokenKind kind = tokenizer.Kind(id);
            if (tokenizer.IsEndOfGeneration(id) || kind is TokenKind.Unknown or TokenKind.Unused)
                continue;
            if (kind == TokenKind.Control)
            {
                if (controls)
                    texts.Add(([ControlMark, .. tokenizer.Piece(id)], id));
            }
            else if (!tokenizer.Piece(id).Contains(ControlMark))   // a vocabulary of bytes has this one too, though no text does
            {
                texts.Add((tokenizer.Piece(id).ToArray(), id));
            }
        }

        var trie = new TokenTrie(texts, vocabulary);
        _ = trie.Counts;   // now, and not within a step of others
        return trie;
    }

    /// <summary>The mask kept for a state; null for none.</summary>
    public StateMask? Mask(State state) => _masks.TryGetValue(state, out StateMask? mask) ? mask : null;

    /// <summary>Keeps a state's mask while the state is, or until there are too many.</summary>
    public void Keep(State state, StateMask mask)
    {
        if (!ReferenceEquals(mask, StateMask.Walked) && Interlocked.Increment(ref _kept) % MostKept == 0)
            _masks.Clear();
        _masks.AddOrUpdate(state, mask);
    }

    /// <summary>Adds all texts.</summary>
    public void AddTexts(List<(byte[] Text, int Token)> texts) => AddRests(0, Count, -1, texts);

    /// <summary>Adds what is left behind a node of the tokens that pass through it, nothing for those that end there.</summary>
    public void AddRests(int node, List<(byte[] Text, int Token)> rests) => AddRests(node, _next[node], _depths[node], rests);

    private void AddRests(int from, int to, int top, List<(byte[] Text, int Token)> rests)
    {
        byte[] text = new byte[Deepest];
        for (int below = from; below < to; below++)
        {
            int length = _depths[below] - top;
            if (length > 0)
                text[length - 1] = _bytes[below];
            foreach (int token in Tokens(below))
                rests.Add((text[..length], token));
        }
    }

    /// <summary>The node of a text, from one node up to another; −1 where there is none.</summary>
    /// <param name="text">The text but for its last byte.</param>
    /// <param name="last">The last byte.</param>
    /// <param name="from">The first node to look at.</param>
    /// <param name="to">The node behind the last.</param>
    public int Find(ReadOnlySpan<byte> text, byte last, int from, int to)
    {
        for (int depth = 0; ; depth++)
        {
            byte value = depth < text.Length ? text[depth] : last;
            if (from == 0 && depth == 0)
                from = _roots[value];
            while (from < to && _bytes[from] < value)
                from = _next[from];
            if (from >= to || _bytes[from] != value)
                return -1;
            if (depth == text.Length)
                return from;
            (from, to) = (from + 1, _next[from]);
        }
    }

    /// <summary>The byte of a node.</summary>
    public byte Byte(int node) => _bytes[node];

    /// <summary>Nodes above it.</summary>
    public int Depth(int node) => _depths[node];

    /// <summary>The node behind all that lies below it; its children begin right behind it.</summary>
    public int Next(int node) => _next[node];

    /// <summary>The tokens whose text ends at a node: those that were laid out before the next node was made.</summary>
    public ReadOnlySpan<int> Tokens(int node) => _tokens.AsSpan(_first[node].._first[node + 1]);

    /// <summary>The tokens of a node and all below it.</summary>
    public ReadOnlySpan<int> TokensBelow(int node) => _tokens.AsSpan(_first[node].._first[_next[node]]);
}
