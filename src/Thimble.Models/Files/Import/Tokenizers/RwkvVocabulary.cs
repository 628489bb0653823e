using System.Buffers;
using System.Globalization;
using System.Text;

namespace Thimble.Models.Files;

/// <summary>The vocabulary of an RWKV model: the 256 bytes, or the World vocabulary beside the model.</summary>
/// <remarks>GGUF's <c>rwkv</c> tokenizer keeps each token as Python would print its bytes: printable ASCII as it is, a
/// backslash doubled, <c>\t \n \r</c>, and <c>\xNN</c> for the rest. The bytes need no more: id and byte are one.
/// Source: llama.cpp, <c>_set_vocab_rwkv_world</c>; rwkv.cpp, <c>rwkv_world_tokenizer.py</c>.</remarks>
internal static class RwkvVocabulary
{
    private const string WorldName = "rwkv_vocab_v20230424.txt";
    private const int Bytes = 256;

    // Token kinds as GGUF numbers them.
    private const long Normal = 1, Control = 3, Unused = 5;

    /// <summary>Adds the <c>tokenizer.ggml</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="modelPath">The model.</param>
    /// <param name="vocabulary">Its ids.</param>
    /// <exception cref="InvalidDataException">The World vocabulary is needed and missing, or damaged.</exception>
    internal static void AddTo(Metadata metadata, string modelPath, int vocabulary)
    {
        (string[] tokens, long[] kinds) = vocabulary == Bytes ? SingleBytes() : World(modelPath, vocabulary);
        metadata.Add("tokenizer.ggml.model", "rwkv");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of(tokens));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of(kinds));
        metadata.Add("tokenizer.ggml.add_bos_token", false);
        metadata.Add("tokenizer.ggml.add_eos_token", false);
        if (vocabulary != Bytes)
        {
            metadata.Add("tokenizer.ggml.eos_token_id", 0L);   // World models end a text with id 0
            metadata.Add("tokenizer.chat_template", "rwkv-world");
        }
    }

    /// <summary>Bytes as GGUF's <c>rwkv</c> tokenizer writes them.</summary>
    internal static string Escape(ReadOnlySpan<byte> token)
    {
        var text = new StringBuilder(token.Length);
        foreach (byte value in token)
        {
            _ = value switch
            {
                (byte)'\\' => text.Append("\\\\"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                >= 0x20 and < 0x7F => text.Append((char)value),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
            };
        }

        return text.ToString();
    }

    private static (string[] Tokens, long[] Kinds) SingleBytes()
    {
        string[] tokens = new string[Bytes];
        for (int i = 0; i < Bytes; i++)
            tokens[i] = Escape([(byte)i]);

        long[] kinds = new long[Bytes];
        Array.Fill(kinds, Normal);
        return (tokens, kinds);
    }

    private static (string[] Tokens, long[] Kinds) World(string modelPath, int vocabulary)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath)) ?? "";
        string path = Path.Combine(folder, WorldName);
        if (!File.Exists(path))
        {
            throw new InvalidDataException(
                $"'{modelPath}' has {vocabulary} tokens, not the 256 bytes, and needs '{WorldName}' beside it; there is none in '{folder}'.");
        }

        string[] tokens = new string[vocabulary];
        long[] kinds = new long[vocabulary];
        Array.Fill(kinds, Unused);
        (tokens[0], kinds[0]) = ("<s>", Control);
        foreach (string line in File.ReadLines(path))
        {
            int first = line.IndexOf(' ', StringComparison.Ordinal), last = line.LastIndexOf(' ');
            if (last <= first || !int.TryParse(line.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id <= 0)
                throw new InvalidDataException($"'{path}': line '{line}' is not an id, a quoted token and its length.");
            if (id >= vocabulary)
                throw new InvalidDataException($"'{path}' has token {id}; '{modelPath}' has {vocabulary} tokens, so this is not its vocabulary.");

            byte[] token = Literal(path, line[(first + 1)..last]);
            if (token.Length.ToString(CultureInfo.InvariantCulture) != line[(last + 1)..])
                throw new InvalidDataException($"'{path}': token {id} has {token.Length} bytes; its line says {line[(last + 1)..]}.");
            (tokens[id], kinds[id]) = (Escape(token), Normal);
        }

        for (int id = 0; id < vocabulary; id++)
            tokens[id] ??= $"[PAD{id}]";
        return (tokens, kinds);
    }

    /// <summary>The bytes of a Python literal: <c>'text'</c>, in UTF-8, or <c>b'bytes'</c>.</summary>
    private static byte[] Literal(string path, string literal)
    {
        bool raw = literal.StartsWith('b');
        string body = literal[(raw ? 1 : 0)..];
        if (body.Length < 2 || body[0] is not ('\'' or '"') || body[^1] != body[0])
            throw new InvalidDataException($"'{path}': {literal} is no quoted token.");

        var bytes = new ArrayBufferWriter<byte>(body.Length);
        Span<byte> rune = stackalloc byte[4];
        for (int i = 1; i < body.Length - 1;)
        {
            var value = Rune.GetRuneAt(body, i);
            i += value.Utf16SequenceLength;
            if (value.Value != '\\')
            {
                bytes.Write(rune[..value.EncodeToUtf8(rune)]);
                continue;
            }

            char kind = body[i++];
            int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            int code = kind switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => kind };
            if (digits > 0 && (i + digits >= body.Length ||
                !int.TryParse(body.AsSpan(i, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code) || !Rune.IsValid(code)))
            {
                throw new InvalidDataException($"'{path}': {literal} has a broken escape.");
            }

            i += digits;
            if (raw)
                bytes.Write([(byte)code]);
            else
                bytes.Write(rune[..new Rune(code).EncodeToUtf8(rune)]);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
