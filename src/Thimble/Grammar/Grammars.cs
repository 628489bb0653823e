using Thimble.Models.Tokens;

namespace Thimble.Grammar;

/// <summary>The formats a model was asked for, compiled; the latest are kept.</summary>
/// <param name="tokenizer">The model's vocabulary.</param>
/// <param name="vocabulary">Tokens that the model scores.</param>
internal sealed class Grammars(Tokenizer tokenizer, int vocabulary)
{
    private const int Kept = 64, KeptText = 16 << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, TokenGrammar Grammar)> _latest = [];
    private readonly Lazy<TokenTrie> _plain = new(() => TokenTrie.Of(tokenizer, vocabulary, controls: false));
    private readonly Lazy<TokenTrie> _whole = new(() => TokenTrie.Of(tokenizer, vocabulary, controls: true));

    /// <summary>A format in the model's vocabulary.</summary>
    /// <exception cref="ArgumentException">It is wrong, or no text fits it.</exception>
    /// <exception cref="NotSupportedException">It asks for what cannot be enforced; the message names it.</exception>
    /// <exception cref="CapacityException">It is too large.</exception>
    public TokenGrammar Of(OutputFormat format)
    {
        if (format.MayOpen is { } opener && !IsMark(opener))
            format = format with { After = null, MayOpen = null };
        string key = format.Key;
        lock (_lock)
        {
            for (LinkedListNode<(string Key, TokenGrammar Grammar)>? node = _latest.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key)
                    continue;
                _latest.Remove(node);
                _latest.AddFirst(node);
                return node.Value.Grammar;
            }
        }

        Syntax syntax = FormatSyntax.Compile(format);
        var grammar = new TokenGrammar(syntax, (syntax.HasControls ? _whole : _plain).Value, tokenizer);
        lock (_lock)
        {
            _latest.AddFirst((key, grammar));
            while (_latest.Count > Kept || (_latest.Count > 1 && _latest.Sum(kept => (long)kept.Key.Length) > KeptText))
                _latest.RemoveLast();
        }

        return grammar;
    }

    /// <summary>Whether the vocabulary has a token for a mark in brackets: a model without one was not taught to think, and letter by letter
    /// it would only be lost in a thought without an end.</summary>
    private bool IsMark(string opener)
    {
        string mark = opener.Trim();
        return mark.Length == 0 || mark[0] is not ('<' or '[')
            || tokenizer.Find(mark) is { }
            || tokenizer.Encode(mark, addSpecial: false, parseSpecial: true) is [var first, ..] && tokenizer.Kind(first) is TokenKind.Control or TokenKind.UserDefined;
    }
}
