using System.Buffers;
using System.Text;

namespace Thimble.Models.Tokens;

/// <summary>Turns tokens into text as they come, without ever splitting a character.</summary>
/// <remarks>Bytes of an unfinished character are held back until the rest of it comes, or until <see cref="Flush"/>.
/// One stream at a time; pieces of whole characters are strings made once, so that streaming them allocates nothing.</remarks>
public sealed class Detokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly StringBuilder _text = new();
    private readonly bool _special;
    private byte[] _held = new byte[64];
    private int _count;
    private bool _first;

    /// <summary>A stream of one tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="special">Whether control tokens are written out, too.</param>
    /// <param name="start">Whether the stream starts a text, whose first word sheds the space the tokenizer put before it;
    /// otherwise it goes on from a prompt.</param>
    public Detokenizer(Tokenizer tokenizer, bool special = false, bool start = false)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        (_tokenizer, _special, _first) = (tokenizer, special, start && tokenizer.ShedsFirstSpace);
    }

    /// <summary>Takes a token.</summary>
    /// <param name="id">The token.</param>
    /// <returns>The text it completes; empty if it completes none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public string Push(int id)
    {
        if (!_special && _tokenizer.IsHidden(id))
            return "";
        if (_count == 0 && !_first && _tokenizer.WholePiece(id) is { } whole)
            return whole;

        ReadOnlySpan<byte> piece = _tokenizer.Piece(id);
        if (piece.IsEmpty)
            return "";

        piece = _first && piece[0] == ' ' ? piece[1..] : piece;
        _first = false;
        if (_count + piece.Length > _held.Length)
            Array.Resize(ref _held, _count + piece.Length);
        piece.CopyTo(_held.AsSpan(_count));
        _count += piece.Length;
        return Take(last: false);
    }

    /// <summary>Ends the stream: what is held back can no longer be completed.</summary>
    /// <returns>U+FFFD for it; empty if nothing is held back.</returns>
    public string Flush() => Take(last: true);

    private string Take(bool last)
    {
        ReadOnlySpan<byte> bytes = _held.AsSpan(0, _count);
        Span<char> chars = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int used);
            if (status == OperationStatus.NeedMoreData && !last)
                break;

            _text.Append(chars[..rune.EncodeToUtf16(chars)]);
            bytes = bytes[used..];
        }

        bytes.CopyTo(_held);
        _count = bytes.Length;
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
