using System.Buffers.Binary;
using System.Text;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A SentencePiece <c>tokenizer.model</c> as GGUF's <c>llama</c> (BPE) or <c>t5</c> (unigram) tokenizer.</summary>
/// <remarks>It is a protocol buffer; of its messages only pieces, the model's kind, the special ids and whether a space goes in
/// front are read. Source: SentencePiece, <c>sentencepiece_model.proto</c>; llama.cpp, <c>_create_vocab_sentencepiece</c>.</remarks>
internal static class SentencePieceModel
{
    private const int LargestFile = 64 << 20;   // the largest vocabularies in use take 5 MB
    private const long Unused = 5;

    /// <summary>Adds the <c>tokenizer.ggml</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">The model's ids; those without a piece become unused ones.</param>
    /// <exception cref="InvalidDataException">The file is damaged or has more pieces.</exception>
    internal static void AddTo(Metadata metadata, string path, int vocabulary)
    {
        using var file = MappedFile.Open(path);
        if (file.Length > LargestFile)
            throw new InvalidDataException($"'{path}' has {file.Length} bytes; expected at most {LargestFile}.");

        List<(byte[] Text, double Score, long Kind)> pieces = [];
        (long algorithm, long bos, long eos, long unknown, bool prefix) = (1, 1, 2, 0, true);
        ReadOnlySpan<byte> message = file.Region.Slice(0, (int)file.Length);
        while (Next(path, ref message, out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            if (field == 1)
                pieces.Add(Piece(path, bytes));
            while (field is 2 or 3 && Next(path, ref bytes, out int inner, out number, out _))
            {
                _ = (field, inner) switch
                {
                    (2, 3) => algorithm = (long)number,
                    (2, 40) => unknown = (int)number,
                    (2, 41) => bos = (int)number,
                    (2, 42) => eos = (int)number,
                    (3, 3) => (prefix = number != 0) ? 1 : 0,
                    _ => 0L,
                };
            }
        }

        if (pieces.Count == 0 || pieces.Count > vocabulary)
            throw new InvalidDataException($"'{path}' has {pieces.Count} pieces; expected 1 to {vocabulary}, the model's ids.");
        for (int id = pieces.Count; id < vocabulary; id++)
            pieces.Add((Encoding.UTF8.GetBytes($"[PAD{id}]"), -1000, Unused));   // the score llama.cpp gives them

        metadata.Add("tokenizer.ggml.model", algorithm switch
        {
            1 => "t5",
            2 => "llama",
            _ => throw new NotSupportedException($"'{path}': SentencePiece model type is {algorithm}; known: 1 (unigram), 2 (BPE)."),
        });
        metadata.Add("tokenizer.ggml.pre", "default");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of([.. pieces.Select(piece => piece.Text)]));
        metadata.Add("tokenizer.ggml.scores", MetadataArray.Of([.. pieces.Select(piece => piece.Score)]));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of([.. pieces.Select(piece => piece.Kind)]));
        AddId("bos_token_id", bos);
        AddId("eos_token_id", eos);
        AddId("unknown_token_id", unknown);
        metadata.Add("tokenizer.ggml.add_space_prefix", prefix);

        void AddId(string key, long id)
        {
            if (id >= 0)
                metadata.Add("tokenizer.ggml." + key, id);
        }
    }

    /// <summary>A piece: text, score and kind; SentencePiece numbers kinds as GGUF does.</summary>
    private static (byte[] Text, double Score, long Kind) Piece(string path, ReadOnlySpan<byte> message)
    {
        (byte[] text, double score, long kind) = ([], 0, 1);
        while (Next(path, ref message, out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            if (field == 1)
                text = bytes.ToArray();
            else if (field == 2)
                score = BitConverter.UInt32BitsToSingle((uint)number);
            else if (field == 3)
                kind = (long)number;
        }

        return (text, score, kind);
    }

    /// <summary>The next field of a message.</summary>
    /// <returns>False at the message's end.</returns>
    private static bool Next(string path, ref ReadOnlySpan<byte> message, out int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        (field, number) = (0, 0);
        bytes = default;
        if (message.IsEmpty)
            return false;

        ulong tag = Varint(path, ref message);
        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                number = Varint(path, ref message);
                break;
            case 1:
                number = BinaryPrimitives.ReadUInt64LittleEndian(Take(path, ref message, sizeof(ulong)));
                break;
            case 2:
                bytes = Take(path, ref message, Varint(path, ref message));
                break;
            case 5:
                number = BinaryPrimitives.ReadUInt32LittleEndian(Take(path, ref message, sizeof(uint)));
                break;
            default:
                throw new InvalidDataException($"'{path}': field {field} has wire type {tag & 7}; this is no SentencePiece model.");
        }

        return true;
    }

    private static ulong Varint(string path, ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(path, ref message, 1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw new InvalidDataException($"'{path}' has a number of more than 64 bits; this is no SentencePiece model.");
    }

    private static ReadOnlySpan<byte> Take(string path, ref ReadOnlySpan<byte> message, ulong length)
    {
        if (length > (ulong)message.Length)
            throw new InvalidDataException($"'{path}' ends within a message: {length} bytes expected, {message.Length} left.");

        ReadOnlySpan<byte> taken = message[..(int)length];
        message = message[(int)length..];
        return taken;
    }
}
