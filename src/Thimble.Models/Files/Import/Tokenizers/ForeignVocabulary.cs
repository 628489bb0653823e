using System.Text;
using Thimble.Models.Tokens;

namespace Thimble.Models.Files;

/// <summary>A tokenizer file of another project, brought to the size of the model that it belongs to.</summary>
/// <remarks>Models often have more rows than tokens, rounded up for the sake of some machine; GGUF lists a token for each.</remarks>
internal static class ForeignVocabulary
{
    private const string Tokens = "tokenizer.ggml.tokens", Kinds = "tokenizer.ggml.token_type", Scores = "tokenizer.ggml.scores";
    private const long Unused = 5;          // as GGUF numbers token kinds
    private const double UnusedScore = -1000;   // as llama.cpp writes it

    /// <summary>Reads a <c>tokenizer.json</c>, or a SentencePiece <c>.model</c>, and adds the <c>tokenizer.ggml</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">The model's ids; those without a token become unused ones.</param>
    /// <exception cref="InvalidDataException">The file is damaged or has more tokens than the model has ids.</exception>
    public static void AddTo(Metadata metadata, string path, int vocabulary)
    {
        if (path.EndsWith(".model", StringComparison.Ordinal))
            SentencePieceModel.AddTo(metadata, path, File.ReadAllBytes(path));
        else
            TokenizerJson.AddTo(metadata, path);
        Fill(metadata, path, vocabulary);
    }

    /// <summary>Adds unused tokens up to the model's size.</summary>
    internal static void Fill(Metadata metadata, string path, int vocabulary)
    {
        byte[][] tokens = metadata.FindArray(Tokens)?.Bytes() ?? throw new InvalidDataException($"'{path}' holds no tokens.");
        if (tokens.Length > vocabulary)
            throw new InvalidDataException($"'{path}' has {tokens.Length} tokens; the model has {vocabulary} ids.");
        if (tokens.Length == vocabulary)
            return;

        int missing = vocabulary - tokens.Length;
        metadata.Set(Tokens, MetadataArray.Of([.. tokens, .. Enumerable.Range(tokens.Length, missing).Select(id => Encoding.UTF8.GetBytes($"[PAD{id}]"))]));
        if (metadata.FindArray(Kinds) is { } kinds)
            metadata.Set(Kinds, MetadataArray.Of([.. kinds.Integers(), .. Enumerable.Repeat(Unused, missing)]));
        if (metadata.FindArray(Scores) is { } scores)
            metadata.Set(Scores, MetadataArray.Of([.. scores.Numbers(), .. Enumerable.Repeat(UnusedScore, missing)]));
    }
}
