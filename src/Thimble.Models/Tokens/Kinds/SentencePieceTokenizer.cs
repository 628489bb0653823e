using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>SentencePiece's byte-pair encoding: characters merge to whatever token has the best score; what is no token falls
/// apart into bytes.</summary>
/// <remarks>Source: Kudo and Richardson, "SentencePiece", 2018, section 3; as llama.cpp reads it from GGUF.</remarks>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    private readonly Spare<Scratch> _scratch;
    private readonly int[] _bytes;
    private readonly Seams _seams;

    private SentencePieceTokenizer(Metadata metadata, Vocabulary vocabulary, SpecialTokens special)
        : base(metadata, vocabulary, special, TokenPieces.Of(vocabulary, TokenPieces.WithSpaces))
    {
        if (vocabulary.Scores.Length == 0)
            throw Vocabulary.Missing("tokenizer.ggml.scores");

        var rule = new Rule(vocabulary);
        _bytes = TokenPieces.Bytes(vocabulary);
        _seams = new(vocabulary, rule.Allows);
        _scratch = new(() => new(new(rule), new()));
    }

    [ModuleInitializer]
    internal static void Register() => Tokenizers.Add("llama", metadata =>
    {
        var vocabulary = Vocabulary.Read(metadata);
        return new SentencePieceTokenizer(metadata, vocabulary, new(metadata, vocabulary, new(1, 2, 0, AddBegin: true, AddSpacePrefix: true)));
    });

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids)
    {
        ReadOnlySpan<byte> blanked = TokenPieces.WithBlanks(text, AddsSpacePrefix && afterSpecial);
        Scratch scratch = _scratch.Take();
        for (int at = 0; at < blanked.Length;)
        {
            int end = _seams.Next(blanked, at);
            EncodeWord(blanked, at, end - at, scratch, ids);
            at = end;
        }

        _scratch.Return(scratch);
    }

    private void EncodeWord(ReadOnlySpan<byte> text, int start, int length, Scratch scratch, List<int> ids)
    {
        (ulong, ulong) key = length <= WordCache.LongestWord ? WordCache.Key(text, start, length) : default;
        if (length <= WordCache.LongestWord && scratch.Words.TryAppend(key, length, ids))
            return;

        int first = ids.Count;
        MergeWord(text.Slice(start, length), scratch.Merger, ids);
        if (length <= WordCache.LongestWord)
            scratch.Words.Keep(key, length, ids, first);
    }

    private void MergeWord(ReadOnlySpan<byte> word, Merger<Rule> merger, List<int> ids)
    {
        merger.Clear();
        for (int at = 0; at < word.Length;)
        {
            CodePoint.At(word, at, out int length);
            merger.Add(at, length, merger.Rule.Token(word.Slice(at, length)));
            at += length;
        }

        merger.Merge(word);
        for (int i = 0; i >= 0; i = merger[i].Next)
        {
            if (merger[i].Id >= 0)
                ids.Add(merger[i].Id);
            else
                AppendBytes(word.Slice(merger[i].Start, merger[i].Length), ids);
        }
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        foreach (byte b in bytes)
        {
            if (_bytes[b] >= 0)
            {
                ids.Add(_bytes[b]);
                continue;
            }

            // Without byte tokens the character is unknown as a whole.
            if (Special.Unknown is { } unknown)
                ids.Add(unknown);
            return;
        }
    }

    internal readonly struct Rule(Vocabulary vocabulary) : IMergeRule
    {
        public bool Allows(int id) => vocabulary.Kind(id) is not (TokenKind.Control or TokenKind.Unknown or TokenKind.Byte);

        public int Token(ReadOnlySpan<byte> text) => vocabulary.Index.Find(text) is >= 0 and int id && Allows(id) ? id : -1;

        public bool Find(ReadOnlySpan<byte> text, in Symbol left, in Symbol right, out uint priority, out int id)
        {
            id = Token(text.Slice(left.Start, left.Length + right.Length));
            priority = id < 0 ? 0 : Descending(vocabulary.Scores[id]);
            return id >= 0;
        }

        /// <summary>A number that falls as a score rises.</summary>
        private static uint Descending(float score)
        {
            uint bits = BitConverter.SingleToUInt32Bits(score + 0f);   // −0 counts as 0
            return (bits & 0x80000000) != 0 ? bits : ~bits & 0x7FFFFFFF;
        }
    }

    private sealed record Scratch(Merger<Rule> Merger, WordCache Words);
}
