using Thimble.Models.Tokens;

namespace Thimble.Grammar;

/// <summary>A grammar in a model's vocabulary; shared by all texts that follow it.</summary>
/// <param name="syntax">The grammar.</param>
/// <param name="trie">The vocabulary's texts.</param>
/// <param name="tokenizer">The vocabulary.</param>
internal sealed class TokenGrammar(Syntax syntax, TokenTrie trie, Tokenizer tokenizer)
{
    /// <summary>The grammar.</summary>
    public Syntax Syntax { get; } = syntax;

    /// <summary>The vocabulary's texts.</summary>
    public TokenTrie Trie { get; } = trie;

    /// <summary>The tokens that end a text.</summary>
    public int[] Ends { get; } = [.. tokenizer.EndsOfGeneration.Where(id => id < trie.Vocabulary)];

    /// <summary>Whether a token ends a text.</summary>
    public bool IsEnd(int token) => tokenizer.IsEndOfGeneration(token);

    /// <summary>What a token says; empty for one that no grammar allows.</summary>
    public ReadOnlySpan<byte> Text(int token) => tokenizer.Kind(token) switch
    {
        TokenKind.Control => Syntax.HasControls ? (byte[])[TokenTrie.ControlMark, .. tokenizer.Piece(token)] : default,
        TokenKind.Unknown or TokenKind.Unused => default,
        _ => tokenizer.Piece(token).Contains(TokenTrie.ControlMark) ? default : tokenizer.Piece(token),
    };

    /// <summary>Begins a text.</summary>
    public Matcher Begin() => new(this);
}
