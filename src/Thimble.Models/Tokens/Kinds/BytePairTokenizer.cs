using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>Byte-pair encoding: words are bytes, and the pair that was merged first in training is merged first.</summary>
/// <remarks>Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.2. Some models
/// merge characters with <c>▁</c> for spaces instead of bytes.</remarks>
internal sealed class BytePairTokenizer : Tokenizer
{
    /// <summary>A pattern to split words by, where no pre-tokenizer of GGUF does.</summary>
    public const string PatternKey = "tokenizer.thimble.pattern";

    /// <summary>Whether a word that is a token is that token, where <see cref="PatternKey"/> is used.</summary>
    public const string IgnoreMergesKey = "tokenizer.thimble.ignore_merges";

    private readonly PreTokenizer _pre;
    private readonly BytePairSymbols _symbols;
    private readonly MergeRanks _ranks;
    private readonly Spare<Scratch> _scratch;

    private BytePairTokenizer(Metadata metadata, Vocabulary vocabulary, PreTokenizer pre, SpecialTokens special)
        : base(metadata, vocabulary, special, TokenPieces.Of(vocabulary, pre.RawBytes ? TokenPieces.WithSpaces : DecodeAlphabet))
    {
        _pre = pre;
        _symbols = new(vocabulary, pre.RawBytes);
        _ranks = MergeRanks.Read(metadata, _symbols.Find);
        _scratch = new(() => new(new(new Rule(_ranks)), new()));
    }

    [ModuleInitializer]
    internal static void Register()
    {
        Tokenizers.Add("gpt2", metadata => Open(metadata, Splitting(metadata)));
        Tokenizers.Add("gemma4", metadata => Open(metadata, PreTokenizers.Open("gemma4")));
    }

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids)
    {
        Scratch scratch = _scratch.Take();
        Split(_pre.RawBytes ? TokenPieces.WithBlanks(text, AddsSpacePrefix && afterSpecial) : text, 0, scratch, ids);
        _scratch.Return(scratch);
    }

    private static BytePairTokenizer Open(Metadata metadata, PreTokenizer pre)
    {
        var vocabulary = Vocabulary.Read(metadata);
        var special = new SpecialTokens(metadata, vocabulary, new(AddBegin: pre.AddBegin));
        return new(metadata, vocabulary, pre, special);
    }

    private static PreTokenizer Splitting(Metadata metadata) => metadata.FindArray(PatternKey) is { } patterns
        ? new PreTokenizer(patterns.Texts()) with { IgnoreMerges = metadata.FindFlag(IgnoreMergesKey) ?? false }
        : PreTokenizers.Open(metadata.FindText("tokenizer.ggml.pre") is { Length: > 0 } name ? name : "default");

    private static int DecodeAlphabet(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if (ByteAlphabet.TryDecode(text, bytes, out int count))
            return count;

        text.CopyTo(bytes);
        return text.Length;
    }

    private void Split(ReadOnlySpan<byte> text, int pass, Scratch scratch, List<int> ids)
    {
        Splitter splitter = _pre.Splitters[pass];
        bool last = pass + 1 == _pre.Splitters.Length;
        for (int at = 0; at < text.Length;)
        {
            int end = splitter.Next(text, at);
            if (last)
                EncodeWord(text, at, end - at, scratch, ids);
            else
                Split(text[at..end], pass + 1, scratch, ids);
            at = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> text, int start, int length, Scratch scratch, List<int> ids)
    {
        if (length > WordCache.LongestWord)
        {
            MergeWord(text.Slice(start, length), scratch.Merger, ids);
            return;
        }

        (ulong, ulong) key = WordCache.Key(text, start, length);
        if (scratch.Words.TryAppend(key, length, ids))
            return;

        int first = ids.Count;
        MergeWord(text.Slice(start, length), scratch.Merger, ids);
        scratch.Words.Keep(key, length, ids, first);
    }

    private void MergeWord(ReadOnlySpan<byte> word, Merger<Rule> merger, List<int> ids)
    {
        bool onlyLines = _pre.RawBytes && !word.ContainsAnyExcept((byte)'\n');   // Gemma 4 has tokens, but no merges, for blank lines
        if ((_pre.IgnoreMerges || onlyLines) && _symbols.Token(word) is >= 0 and int whole)
        {
            ids.Add(whole);
            return;
        }

        merger.Clear();
        _symbols.Start(word, merger);
        merger.Merge(word);
        for (int i = 0; i >= 0; i = merger[i].Next)
            _symbols.Append(word.Slice(merger[i].Start, merger[i].Length), merger[i].Id, ids);
    }

    internal readonly struct Rule(MergeRanks ranks) : IMergeRule
    {
        public bool Find(ReadOnlySpan<byte> text, in Symbol left, in Symbol right, out uint priority, out int id) =>
            ranks.Find(left.Id, right.Id, out priority, out id);
    }

    private sealed record Scratch(Merger<Rule> Merger, WordCache Words);
}
