using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public class TokenizerTests
{
    private static readonly Dictionary<string, Tokenizer> s_open = GoldenVocabularyTests.Files.ToDictionary(name => name, GoldenVocabularyTests.Open);

    public static TheoryData<string> Lossless => ["deepseek-coder", "gpt-2", "llama-spm", "phi-3", "refact"];

    public static TheoryData<string> All => GoldenVocabularyTests.Names;

    [Theory, MemberData(nameof(Lossless))]
    public void Any_text_comes_back(string name)
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            string text = SplitterTests.Text(random);
            Assert.Equal(text, s_open[name].Decode(s_open[name].Encode(text)));
        }
    }

    [Theory, MemberData(nameof(Lossless))]
    public void Any_ids_stream_as_they_decode(string name)
    {
        Tokenizer tokenizer = s_open[name];
        var random = new Random(4);
        for (int i = 0; i < 500; i++)
        {
            int[] ids = [.. Enumerable.Range(0, 20).Select(_ => random.Next(300))];
            var stream = new Detokenizer(tokenizer, special: true, start: true);
            Assert.Equal(tokenizer.Decode(ids, special: true), string.Concat(ids.Select(stream.Push)) + stream.Flush());
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Control_tokens_never_come_out_of_a_users_text(string name)
    {
        Tokenizer tokenizer = s_open[name];
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.Kind(id) != TokenKind.Control)
                continue;

            string text = Encoding.UTF8.GetString(tokenizer.Piece(id));
            Assert.DoesNotContain(tokenizer.Encode(text, addSpecial: false), other => tokenizer.Kind(other) == TokenKind.Control);
            Assert.Equal([id], tokenizer.Encode(text, addSpecial: false, parseSpecial: true));
        }
    }

    [Theory, MemberData(nameof(All)), Trait("Speed", "Slow")]
    public void A_million_letters_without_a_space_take_about_a_second(string name)
    {
        foreach (string text in (string[])[new('a', 1_000_000), new(' ', 1_000_000), new('日', 300_000), string.Concat(Enumerable.Repeat("<|", 500_000))])
            Assert.NotEmpty(s_open[name].Encode(text + "x"));
    }

    [Theory, MemberData(nameof(All))]
    public void A_lone_surrogate_becomes_a_replacement_character(string name) =>
        Assert.Equal(s_open[name].Encode("a\uFFFDb"), s_open[name].Encode("a\uD800b"));

    [Fact]
    public void Texts_begin_and_end_as_the_file_says()
    {
        Assert.Equal([1], s_open["llama-spm"].Encode(""));
        Assert.Equal([], s_open["gpt-2"].Encode(""));
        Assert.Equal([101, 7592, 102], s_open["bert-bge"].Encode("Hello"));
        Assert.Equal(32013, s_open["deepseek-coder"].Encode("x")[0]);
    }

    [Fact]
    public void Ends_of_generation_are_known_by_key_and_by_text()
    {
        Assert.True(s_open["phi-3"].IsEndOfGeneration(s_open["phi-3"].Find("<|end|>")!.Value));
        Assert.True(s_open["phi-3"].IsEndOfGeneration(32000));
        Assert.True(s_open["llama-spm"].IsEndOfGeneration(2));
        Assert.False(s_open["llama-spm"].IsEndOfGeneration(1));
        Assert.Equal(s_open["gpt-2"].EndOfText, s_open["gpt-2"].EndOfTurn);
    }

    [Fact]
    public void Phi_3_swallows_the_space_behind_a_special_token()
    {
        Tokenizer phi = s_open["phi-3"];
        Assert.Equal(phi.Encode("<|user|>Hi<|end|>", parseSpecial: true), phi.Encode("<|user|>\nHi<|end|>\n", parseSpecial: true));
    }

    [Fact]
    public void Streaming_whole_characters_allocates_nothing()
    {
        Tokenizer tokenizer = s_open["gpt-2"];
        int[] ids = tokenizer.Encode("The quick brown fox jumps over the lazy dog.");
        var stream = new Detokenizer(tokenizer);
        Array.ForEach(ids, id => stream.Push(id));
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (int id in ids)
            stream.Push(id);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        Tokenizer tokenizer = s_open["gpt-2"];
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => SplitterTests.Text(new Random(i)))];
        int[][] alone = [.. texts.Select(text => tokenizer.Encode(text))];
        Parallel.For(0, 2000, i => Assert.Equal(alone[i % 64], tokenizer.Encode(texts[i % 64])));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => s_open["gpt-2"].Decode([50257]));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_open["gpt-2"].Kind(-1));
    }
}
