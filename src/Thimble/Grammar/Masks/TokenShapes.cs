using System.Text;

namespace Thimble.Grammar;

/// <summary>The tokens of a vocabulary by their shapes ("Xxxx 00"), of which there are far fewer than texts: what a format says of one token, it
/// mostly says of all of its shape.</summary>
internal sealed class TokenShapes
{
    private readonly int[] _starts;
    private readonly byte[] _bytes;

    /// <summary>Sorts the tokens of a vocabulary.</summary>
    public TokenShapes(TokenTrie trie)
    {
        List<(byte[], int)> texts = [], shaped = [], others = [];
        trie.AddTexts(texts);
        _starts = new int[trie.Vocabulary + 1];
        foreach ((byte[] text, int token) in texts)
            _starts[token + 1] = text.Length;
        for (int token = 0; token < trie.Vocabulary; token++)
            _starts[token + 1] += _starts[token];
        _bytes = new byte[_starts[^1]];
        foreach ((byte[] text, int token) in texts)
        {
            text.CopyTo(_bytes, _starts[token]);
            if (Of(text) is { } shape)
                shaped.Add((shape, token));
            else
                others.Add((text, token));
        }

        (Shaped, Others) = (new(shaped, trie.Vocabulary), new(others, trie.Vocabulary));
    }

    /// <summary>The shapes, as texts of <see cref="CharacterKind"/>.</summary>
    public TokenTrie Shaped { get; }

    /// <summary>The texts of tokens without a shape.</summary>
    public TokenTrie Others { get; }

    /// <summary>What a token says.</summary>
    public ReadOnlySpan<byte> Text(int token) => _bytes.AsSpan(_starts[token].._starts[token + 1]);

    /// <summary>The shape of a text; null where it holds what has no kind.</summary>
    private static byte[]? Of(ReadOnlySpan<byte> text)
    {
        byte[] shape = new byte[text.Length];
        int length = 0;
        while (!text.IsEmpty)
        {
            byte kind = Rune.DecodeFromUtf8(text, out Rune character, out int taken) == System.Buffers.OperationStatus.Done ? CharacterKind.Of(character.Value) : CharacterKind.None;
            if (kind == CharacterKind.None)
                return null;
            shape[length++] = kind;
            text = text[taken..];
        }

        return shape[..length];
    }
}
