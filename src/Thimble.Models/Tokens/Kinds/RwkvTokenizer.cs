using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>RWKV's tokenizer: always the longest token the rest of the text begins with.</summary>
/// <remarks>Tokens are any bytes; files write those that do not print as <c>\n</c> or <c>\x9f</c>.
/// Source: the RWKV "world" vocabulary of 2023, as llama.cpp writes it into GGUF.</remarks>
internal sealed class RwkvTokenizer : Tokenizer
{
    private readonly Trie _tokens = new();

    private RwkvTokenizer(Metadata metadata, Vocabulary vocabulary, SpecialTokens special)
        : base(metadata, vocabulary, special, TokenPieces.Of(vocabulary, Unescape))
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Kind(id) is not (TokenKind.Control or TokenKind.Unknown or TokenKind.Unused))
                _tokens.Add(Piece(id), id);
        }
    }

    [ModuleInitializer]
    internal static void Register() => Tokenizers.Add("rwkv", metadata =>
    {
        var vocabulary = Vocabulary.Read(metadata);
        return new RwkvTokenizer(metadata, vocabulary, new(metadata, vocabulary, new()));
    });

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids)
    {
        while (!text.IsEmpty)
        {
            int length = _tokens.Longest(text, out int id);
            if (length > 0)
                ids.Add(id);
            else if (Special.Unknown is { } unknown)
                ids.Add(unknown);
            text = text[Math.Max(1, length)..];
        }
    }

    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (b == '\\' && i + 1 < text.Length)
            {
                b = text[++i];
                if (b == 'x' && i + 2 < text.Length)
                {
                    b = (byte)((Digit(text[i + 1]) << 4) + Digit(text[i + 2]));
                    i += 2;
                }
                else
                {
                    b = b switch { (byte)'t' => (byte)'\t', (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', _ => b };
                }
            }

            bytes[count++] = b;
        }

        return count;

        static int Digit(byte b) => b >= 'a' ? b - 'a' + 10 : b - '0';
    }
}
