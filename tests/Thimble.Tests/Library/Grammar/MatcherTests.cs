using Thimble.Grammar;
using Thimble.Models.Tokens;
using Thimble.Sampling;

namespace Thimble.Tests.Library.Grammar;

public sealed class MatcherTests
{
    private static readonly Tokenizer s_bytes = Formats.Open("gpt-2");

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("bert-bge")]
    public void Masks_agree_with_asking_for_each_token(string vocabulary)
    {
        Tokenizer tokenizer = Formats.Open(vocabulary);
        foreach (OutputFormat format in (OutputFormat[])[OutputFormat.Regex(" ?[a-z ]*(, [A-Z][a-z]*)?\\.?"), OutputFormat.Choice("red", "green", " green tea")])
        {
            Matcher matcher = Formats.Begin(format, tokenizer);
            var random = new Random(3);
            for (int step = 0; step < 4 && !matcher.IsFinished; step++)
            {
                Formats.CheckMask(matcher, tokenizer);
                int[] ids = new int[tokenizer.VocabularySize];
                int count = matcher.Mask().CopyTo(ids);
                matcher.Accept(ids[random.Next(count)]);
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^[^/]*$","maxLength":90}""", "\"Ab")]
    [InlineData("""{"type":"string","pattern":"^.+dog.*"}""", "\"a d")]
    [InlineData("""{"type":"string","pattern":"^.{1,60}$"}""", "\"The")]
    [InlineData("""{"type":"string","pattern":"^[A-Z].*dog$","minLength":9,"maxLength":14}""", "\"The")]
    [InlineData("""{"type":"array","items":{"type":"string","pattern":"^([a-z]+ )*[a-z]*(,|\\\"d)$","minLength":3,"maxLength":20}}""", "[\"abc,\",\"a")]
    [InlineData("""{"type":"string","pattern":"^\\S*$","maxLength":7}""", "\"日")]
    [InlineData("""{"type":"string","pattern":"^(\\p{L}|[a-c0-9\\\\\"-])+$","minLength":4}""", "\"a\\\\")]
    [InlineData("""{"type":"object","patternProperties":{"^[a-zA-Z].*$":true},"properties":{"dog":{"type":"null"}},"additionalProperties":false}""", "{\"")]
    [InlineData("""{"type":"object","not":{"patternProperties":{"^[a-m]":{"type":"string"}}}}""", "{\"")]
    [InlineData("""{"type":"array","items":{"type":"string","pattern":"^([a-z]+|Dog)$"},"uniqueItems":true}""", "[\"Dog\",\"")]
    public void Masks_by_shape_agree_with_asking_for_each_token(string schema, string begun)
    {
        Matcher matcher = Formats.Begin(OutputFormat.JsonSchema(schema), s_bytes);
        Assert.True(matcher.Take(System.Text.Encoding.UTF8.GetBytes(begun)));
        Formats.CheckMask(matcher, s_bytes);
        Assert.InRange(matcher.Mask().Count, 1000, s_bytes.VocabularySize);
        Assert.True(matcher.Take("日"u8[..1]) || matcher.Take("d"u8));
        Formats.CheckMask(matcher, s_bytes);
    }

    [Fact]
    public void The_byte_that_marks_control_tokens_is_no_text()
    {
        Tokenizer bytes = Formats.Open("llama-spm");
        int mark = Enumerable.Range(0, bytes.VocabularySize).Single(id => bytes.Kind(id) == TokenKind.Byte && bytes.Piece(id).SequenceEqual<byte>([TokenTrie.ControlMark]));
        foreach (OutputFormat format in (OutputFormat[])[OutputFormat.Json with { After = "!" }, OutputFormat.Json with { After = "!", MayOpen = "Hm" }, OutputFormat.Json with { Triggers = ["!"] }])
        {
            Matcher matcher = Formats.Begin(format, bytes);
            Assert.False(matcher.Mask()[mark]);
            Assert.False(matcher.Accept(mark));
        }
    }

    [Fact]
    public void A_thought_begins_only_where_the_vocabulary_has_its_mark()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Json with { After = "</think>", MayOpen = "<think>" }, s_bytes);
        Assert.False(matcher.Take("<think>"u8));
        Assert.True(matcher.Take("{}"u8));
        Assert.True(Formats.Begin(OutputFormat.Json with { After = "!", MayOpen = "Hm" }, s_bytes).Take("Hm, no! {}"u8));
    }

    [Fact]
    public void White_space_between_parts_ends()
    {
        byte[] text = "{\"a\":[1,{\"b\":\"c\"}],\"d\":{}}"u8.ToArray();
        for (int i = 0; i < text.Length; i++)
        {
            Matcher matcher = Formats.Begin(OutputFormat.Json, s_bytes);
            if (i > 0)
                Assert.True(matcher.Take(text.AsSpan(0, i)));
            if (text.AsSpan(0, i).Count((byte)'"') % 2 == 0)
                Assert.InRange(Spaces(matcher), 0, 82);
        }
    }

    [Fact]
    public void Characters_may_come_in_pieces()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Choice("日本", "日曜"), s_bytes);
        Assert.Equal("日"u8.ToArray(), matcher.Forced()[..3]);
        int[] ids = s_bytes.Encode("日曜");
        Assert.Equal(ids.Length, matcher.Acceptable(ids));
        foreach (int id in ids)
        {
            Assert.True(matcher.Mask()[id]);
            Assert.True(matcher.Accept(id));
        }

        Assert.True(matcher.IsFinished);
    }

    [Fact]
    public void Text_may_end_only_where_the_format_does()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Regex("ab?"), s_bytes);
        int end = s_bytes.EndOfText!.Value, a = s_bytes.Encode("a")[0];
        Assert.False(matcher.Mask()[end]);
        Assert.False(matcher.Accept(end));
        Assert.True(matcher.Accept(a));
        Assert.True(matcher.IsComplete);
        Assert.False(matcher.IsFinished);
        Assert.True(matcher.Mask()[end]);
        Assert.True(matcher.Accept(end));
        Assert.False(matcher.Accept(a));
    }

    [Fact]
    public void Snapshots_and_forks_go_their_own_ways()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Regex("(ab)*c"), s_bytes);
        Assert.True(matcher.Take("ab"u8));
        MatcherSnapshot here = matcher.Snapshot();
        Matcher fork = matcher.Fork();
        Assert.True(matcher.Take("c"u8));
        Assert.True(matcher.IsFinished);
        Assert.True(fork.Take("abab"u8));
        Assert.False(fork.Take("b"u8));
        matcher.Restore(here);
        Assert.False(matcher.IsComplete);
        Assert.True(matcher.Take("abc"u8));
    }

    [Fact]
    public void Forced_text_is_what_must_come()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Regex("Answer: (yes|yellow)!"), s_bytes);
        Assert.Equal("Answer: ye"u8.ToArray(), matcher.Forced());
        Assert.True(matcher.Take("Answer: ye"u8));
        Assert.Empty(matcher.Forced());
    }

    [Fact]
    public void Drafts_are_taken_as_far_as_they_are_legal()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Choice("one two three"), s_bytes);
        int[] draft = [.. s_bytes.Encode("one two"), .. s_bytes.Encode(" four")];
        Assert.Equal(2, matcher.Acceptable(draft));
        Assert.Equal(2, matcher.Acceptable(draft));
    }

    [Fact]
    public void Format_begins_behind_a_mark()
    {
        OutputFormat format = OutputFormat.Choice("yes", "no") with { After = "</think>" };
        Assert.True(Formats.Takes(format, "Hm. Or no?</think>\n\nyes"));
        Assert.False(Formats.Takes(format, "Hm. Or no?</think>\n\nmaybe"));
        Assert.False(Formats.Takes(format, "yes"));
        Assert.False(Formats.Takes(format, "</think>a</think>yes"));
    }

    [Fact]
    public void Lazy_format_leaves_text_free_until_its_trigger()
    {
        OutputFormat format = OutputFormat.Choice("1", "2") with { Triggers = ["<call>", "<tool>"] };
        Assert.True(Formats.Takes(format, "Any text < or <cal> here."));
        Assert.True(Formats.Takes(format, "Now <tool>2"));
        Assert.False(Formats.Takes(format, "Now <tool>3"));
        Assert.False(Formats.Takes(format, "Now <tool>2 and more"));
        Matcher matcher = Formats.Begin(format, s_bytes);
        Assert.True(matcher.Take("So <call"u8));
        Formats.CheckMask(matcher, s_bytes);
    }

    [Fact]
    public void Vocabulary_that_cannot_write_a_format_is_named()
    {
        Matcher matcher = Formats.Begin(OutputFormat.Choice("\u0001\u0002"), Formats.Open("bert-bge"));
        Assert.Contains("0x01", Assert.Throws<NotSupportedException>(() => matcher.Mask()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generation_keeps_to_its_format_and_ends_with_it()
    {
        using var model = Model.OpenDefault();
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            Generation generation = model.Generate("The ball was", new() { Format = OutputFormat.Choice(" red", " green", " blue."), Sampling = new() { Seed = seed } });
            Assert.Contains(await generation.TextAsync(), (string[])[" red", " green", " blue."]);
            Assert.Equal(FinishReason.EndOfText, generation.FinishReason);
        }
    }

    [Fact]
    public void Refused_format_leaves_the_session_as_it_was()
    {
        using var model = Model.OpenDefault();
        using Session session = model.CreateSession();
        Assert.Throws<ArgumentException>(() => session.Generate("Once", new() { Format = OutputFormat.Grammar("root ::= root") }));
        Assert.Equal(0, session.Length);
    }

    /// <summary>The most white space that may follow.</summary>
    private static int Spaces(Matcher matcher)
    {
        int count = 0;
        while (count < 200 && (matcher.Take("\n"u8) || matcher.Take("\t"u8) || matcher.Take(" "u8)))
            count++;
        return count;
    }
}
