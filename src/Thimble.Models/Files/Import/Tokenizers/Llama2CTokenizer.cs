using System.Globalization;
using System.Text;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>The tokenizer file of llama2.c (<c>tok512.bin</c>, <c>tokenizer.bin</c>): a score and a piece for each id.</summary>
/// <remarks>
/// <para>The file writes spaces where SentencePiece, and so GGUF, has the lower one eighth block (▁), and wraps the two
/// control pieces in line breaks; both are turned back.</para>
/// <para>Source: Karpathy, llama2.c, <c>tokenizer.py</c>, <c>export</c>.</para>
/// </remarks>
internal static class Llama2CTokenizer
{
    private const int LongestPiece = 4096;   // bytes; a SentencePiece vocabulary stops at a few dozen

    // Token kinds as GGUF numbers them.
    private const long Normal = 1, Unknown = 2, Control = 3, Byte = 6;

    /// <summary>Reads the tokenizer beside a model and adds it.</summary>
    /// <param name="metadata">Receives the <c>tokenizer.ggml</c> keys.</param>
    /// <param name="modelPath">The model.</param>
    /// <param name="vocabulary">Its ids.</param>
    /// <exception cref="InvalidDataException">There is none, or it is damaged.</exception>
    internal static void AddTo(Metadata metadata, string modelPath, int vocabulary)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath)) ?? "";
        string[] names = [$"tok{vocabulary}.bin", "tokenizer.bin"];
        string path = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException(
                $"'{modelPath}' needs its tokenizer beside it: looked for {string.Join(" and ", names.Select(name => $"'{name}'"))} in '{folder}'.");

        using var file = MappedFile.Open(path);
        Add(metadata, new(file), vocabulary);
    }

    private static void Add(Metadata metadata, FileCursor cursor, int vocabulary)
    {
        cursor.Int("max_token_length");
        if (cursor.Length < 8L * vocabulary)
            throw new InvalidDataException($"'{cursor.Path}' has {cursor.Length} bytes; {vocabulary} tokens take at least {8L * vocabulary}.");

        byte[][] tokens = new byte[vocabulary][];
        double[] scores = new double[vocabulary];
        long[] kinds = new long[vocabulary];
        for (int id = 0; id < vocabulary; id++)
        {
            scores[id] = cursor.Float($"the score of token {id}");
            int length = cursor.Int($"the length of token {id}", 0, LongestPiece);
            (tokens[id], kinds[id]) = Piece(id, Encoding.UTF8.GetString(cursor.Take(length, $"token {id}").Slice(0, length)));
        }

        cursor.End();
        metadata.Add("tokenizer.ggml.model", "llama");
        metadata.Add("tokenizer.ggml.pre", "default");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of(tokens));
        metadata.Add("tokenizer.ggml.scores", MetadataArray.Of(scores));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of(kinds));
        metadata.Add("tokenizer.ggml.bos_token_id", 1L);
        metadata.Add("tokenizer.ggml.eos_token_id", 2L);
        metadata.Add("tokenizer.ggml.unknown_token_id", 0L);
        metadata.Add("tokenizer.ggml.add_bos_token", true);
        metadata.Add("tokenizer.ggml.add_eos_token", false);
        metadata.Add("tokenizer.ggml.add_space_prefix", true);
    }

    private static (byte[] Piece, long Kind) Piece(int id, string text) => id switch
    {
        0 => ("<unk>"u8.ToArray(), Unknown),
        1 => ("<s>"u8.ToArray(), Control),
        2 => ("</s>"u8.ToArray(), Control),
        _ when text.Length == 0 => ([], Control),
        _ when IsByte(text) => (Encoding.UTF8.GetBytes(text), Byte),
        _ => (Encoding.UTF8.GetBytes(text.Replace(' ', '\u2581')), Normal),
    };

    private static bool IsByte(string text) =>
        text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' &&
        byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
}
