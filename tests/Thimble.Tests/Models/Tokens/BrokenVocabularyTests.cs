using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public class BrokenVocabularyTests
{
    [Theory]
    [InlineData("tokenizer.ggml.model")]
    [InlineData("tokenizer.ggml.tokens")]
    [InlineData("tokenizer.ggml.merges")]
    public void A_missing_key_is_named(string key) => Broken(key, metadata => metadata.Remove(key));

    [Fact]
    public void A_duplicate_token_is_named() => Broken("twice", metadata => metadata.Set("tokenizer.ggml.tokens", Texts("a", "b", "a")));

    [Fact]
    public void Lists_of_another_length_are_named()
    {
        Broken("tokenizer.ggml.scores", metadata => metadata.Set("tokenizer.ggml.scores", MetadataArray.Of((double[])[1])));
        Broken("tokenizer.ggml.token_type", metadata => metadata.Set("tokenizer.ggml.token_type", MetadataArray.Of((long[])[1])));
    }

    [Theory, InlineData("bos_token_id"), InlineData("eot_token_id"), InlineData("fim_pad_token_id")]
    public void An_id_out_of_range_is_named(string key) => Broken(key, metadata => metadata.Set("tokenizer.ggml." + key, 99L));

    [Fact]
    public void Adding_a_token_nobody_names_is_refused() => Broken("add_bos_token", metadata => metadata.Set("tokenizer.ggml.add_bos_token", true));

    [Fact]
    public void A_merge_of_one_part_is_named() => Broken("tokenizer.ggml.merges", metadata => metadata.Set("tokenizer.ggml.merges", Texts("ab")));

    [Fact]
    public void Unknown_kinds_list_the_known_ones()
    {
        Metadata metadata = Small();
        metadata.Set("tokenizer.ggml.pre", "nobody");
        Assert.Contains("llama-bpe", Assert.Throws<NotSupportedException>(() => Tokenizer.From(metadata)).Message, StringComparison.Ordinal);
        metadata.Set("tokenizer.ggml.model", "nobody");
        Assert.Contains("rwkv", Assert.Throws<NotSupportedException>(() => Tokenizer.From(metadata)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_that_makes_no_token_still_merges_and_falls_apart_again()
    {
        Metadata metadata = Small();
        metadata.Set("tokenizer.ggml.merges", Texts("a b", "ab c", "b c"));
        metadata.Set("tokenizer.ggml.tokens", Texts("a", "b", "c", "bc"));
        Assert.Equal([0, 1, 2, 3], Tokenizer.From(metadata).Encode("abcbc"));
    }

    private static void Broken(string word, Action<Metadata> change)
    {
        Metadata metadata = Small();
        change(metadata);
        Assert.Contains(word, Assert.Throws<InvalidDataException>(() => Tokenizer.From(metadata)).Message, StringComparison.Ordinal);
    }

    private static Metadata Small()
    {
        var metadata = new Metadata();
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", "gpt-2");
        metadata.Add("tokenizer.ggml.tokens", Texts("a", "b", "c", "ab"));
        metadata.Add("tokenizer.ggml.merges", Texts("a b"));
        return metadata;
    }

    private static MetadataArray Texts(params string[] texts) => MetadataArray.Of(texts);
}
