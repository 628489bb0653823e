using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public sealed class TokenizerJsonTests : IDisposable
{
    private const string Words = """{"type":"Split","pattern":{"Regex":"\\w+|\\W"},"behavior":"Isolated","invert":false}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, InlineData("\"a b\""), InlineData("""["a","b"]""")]
    public void Merges_are_strings_or_pairs(string merge) => Assert.Equal([3, 2, 4], Open(Bpe(merge, Words)).Encode("abc<x>"));

    [Fact]
    public void An_unknown_pattern_goes_into_a_key_of_its_own()
    {
        Write(Bpe("\"a b\"", Words), "{}");
        Metadata metadata = TokenizerJson.Read(_folder);
        Assert.Equal([@"\w+|\W"], metadata.FindArray("tokenizer.thimble.pattern")!.Texts());
        Assert.Null(metadata.FindText("tokenizer.ggml.pre"));
    }

    [Fact]
    public void Special_tokens_and_templates_come_from_the_configuration()
    {
        Write(Bpe("\"a b\"", Words), """{"eos_token":{"content":"<x>"},"add_eos_token":true,"chat_template":[{"name":"default","template":"T"},{"name":"tools","template":"U"}]}""");
        Metadata metadata = TokenizerJson.Read(_folder);
        Assert.Equal(4, metadata.FindInteger("tokenizer.ggml.eos_token_id"));
        Assert.Equal("T", metadata.FindText("tokenizer.chat_template"));
        Assert.Equal("U", metadata.FindText("tokenizer.chat_template.tools"));
        Assert.Equal([0, 4], Tokenizer.From(metadata).Encode("a"));
    }

    [Fact]
    public void A_SentencePiece_vocabulary_keeps_its_order_of_merges()
    {
        string file = """
            {"model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>",
            "vocab":{"<unk>":0,"<0xE6>":1,"<0x97>":2,"<0xA5>":3,"▁":4,"a":5,"b":6,"ab":7,"▁a":8,"▁ab":9},"merges":["▁ a","a b","▁a b"]},
            "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}}
            """;
        Assert.Equal([9, 7, 1, 2, 3], Open(file).Encode("abab日", addSpecial: false));
    }

    [Fact]
    public void A_WordPiece_vocabulary_is_written_as_GGUF_writes_it()
    {
        string file = """
            {"model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"play":3,"##ing":4,"가":5}},
            "added_tokens":[{"id":1,"content":"[CLS]","special":true},{"id":2,"content":"[SEP]","special":true}],"normalizer":{"type":"BertNormalizer","lowercase":true}}
            """;
        Tokenizer tokenizer = Open(file, """{"cls_token":"[CLS]","sep_token":"[SEP]"}""");
        Assert.Equal([1, 3, 4, 0, 2], tokenizer.Encode("Pláying x"));
        Assert.Equal("playing", tokenizer.Decode([1, 3, 4, 2]));
    }

    [Theory]
    [InlineData("{", "no JSON")]
    [InlineData("{}", "'model'")]
    [InlineData("""{"model":{"type":"BPE"}}""", "'model.vocab'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":"x"}}}""", "no tokenizer")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0}}}""", "id 0")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1}}}""", "id -1")]
    public void A_broken_file_says_what_is_wrong(string file, string word)
    {
        Write(file, "{}");
        Assert.Contains(word, Assert.Throws<InvalidDataException>(() => TokenizerJson.Read(_folder)).Message, StringComparison.Ordinal);
    }

    private static string Bpe(string merge, string split) => $$$"""
        {"added_tokens":[{"id":4,"content":"<x>","special":false}],
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{{{split}}},{"type":"ByteLevel","use_regex":false}]},
        "model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3},"merges":[{{{merge}}}]}}
        """;

    private Tokenizer Open(string file, string config = "{}")
    {
        Write(file, config);
        return Tokenizer.From(TokenizerJson.Read(_folder));
    }

    private void Write(string file, string config)
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), file);
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), config);
    }
}
