using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public class OtherTokenizerTests
{
    [Fact]
    public void Unigram_takes_the_cut_of_the_best_score()
    {
        var tokenizer = Tokenizer.From(Unigram());
        Assert.Equal([4, 5, 1], tokenizer.Encode("hello world"));
        Assert.Equal([4, 3, 2, 1], tokenizer.Encode("  hello   zz"));
        Assert.Equal("hello world", tokenizer.Decode([4, 5, 1]));
        Assert.NotEmpty(tokenizer.Encode(new string('l', 1_000_000)));
    }

    [Fact]
    public void Unigram_normalises_by_the_map_of_its_file()
    {
        Metadata metadata = Unigram();
        metadata.Add(CharacterMap.Key, MetadataArray.Of((long[])[.. Map('H', "h").Select(value => (long)value)]));
        Assert.Equal([4, 1], Tokenizer.From(metadata).Encode("Hello"));
    }

    [Fact]
    public void A_map_cut_short_is_named()
    {
        Metadata metadata = Unigram();
        metadata.Add(CharacterMap.Key, MetadataArray.Of((long[])[200, 0, 0, 0, 1]));
        Assert.Contains("charsmap", Assert.Throws<InvalidDataException>(() => Tokenizer.From(metadata)).Message, StringComparison.Ordinal);
    }

    [SharedFact("models/rwkv-tiny/rwkv_vocab_v20230424.txt", cases: 3)]
    public void Rwkv_takes_the_longest_token_each_time()
    {
        var tokenizer = Tokenizer.From(Rwkv());
        Assert.Equal([33155, 40213], tokenizer.Encode("Hello world"));
        string text = "Any bytes \t\n\\ will do: 日本 é😁";
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.NotEmpty(tokenizer.Encode(new string('a', 1_000_000)));
    }

    [SharedFact("models/llama2c-tokenizer/tokenizer.model", cases: 46)]
    public void A_SentencePiece_model_gives_the_tokens_its_GGUF_gives()
    {
        var tokenizer = Tokenizer.From(SentencePieceModel.Read(Golden.Shared("models/llama2c-tokenizer/tokenizer.model")));
        Assert.All(GoldenVocabularyTests.Cases("llama-spm"), test => Assert.Equal(test.Ids, tokenizer.Encode(test.Text, addSpecial: false)));
        Assert.Equal(1, tokenizer.BeginOfText);
        Assert.Equal(2, tokenizer.EndOfText);
    }

    [SharedFact("models/stories260K/tok512.model", cases: 3)]
    public void What_a_small_vocabulary_lacks_falls_apart_into_bytes()
    {
        var tokenizer = Tokenizer.From(SentencePieceModel.Read(Golden.Shared("models/stories260K/tok512.model")));
        int[] ids = tokenizer.Encode("日", addSpecial: false);
        Assert.Equal([0xE6 + 3, 0x97 + 3, 0xA5 + 3], ids[^3..]);
        Assert.Equal("Zoë saw 日本 😁", tokenizer.Decode(tokenizer.Encode("Zoë saw 日本 😁")));
    }

    [Fact]
    public void A_file_without_tokenizer_still_opens()
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "llama");
        metadata.Add("llama.vocab_size", 7L);
        metadata.Add("tokenizer.ggml.model", "no_vocab");
        var tokenizer = Tokenizer.From(metadata);
        Assert.Equal(7, tokenizer.VocabularySize);
        Assert.Equal("", tokenizer.Decode([3]));
        Assert.Throws<NotSupportedException>(() => tokenizer.Encode("x"));
    }

    [SharedFact("models/ple-tinystories-int4/tokenizer-4096.json", cases: 1)]
    public void A_plain_byte_level_file_is_Gpt2s()
    {
        Metadata metadata = TokenizerJson.Read(Golden.Shared("models/ple-tinystories-int4/tokenizer-4096.json"));
        Assert.Equal("gpt-2", metadata.FindText("tokenizer.ggml.pre"));
        var tokenizer = Tokenizer.From(metadata);
        Assert.Equal("Once upon a time", tokenizer.Decode(tokenizer.Encode("Once upon a time")));
        Assert.Equal(4096, tokenizer.VocabularySize);
    }

    [SharedFact("models/tokenizers/deepseek_v3", cases: 4), Trait("Speed", "Slow")]
    public void DeepSeek_V3_is_known_by_its_patterns()
    {
        Metadata metadata = TokenizerJson.Read(Golden.Shared("models/tokenizers/deepseek_v3"));
        Assert.Equal("deepseek-v3", metadata.FindText("tokenizer.ggml.pre"));
        var tokenizer = Tokenizer.From(metadata);
        Assert.Equal([0, 19923, 2058], tokenizer.Encode("Hello world"));
        Assert.True(tokenizer.IsEndOfGeneration(1));
        Assert.NotNull(metadata.FindText("tokenizer.chat_template"));
    }

    private static Metadata Unigram()
    {
        string[] tokens = ["<pad>", "</s>", "<unk>", "▁", "▁hello", "▁world", "hel", "lo", "l", "o", "▁wor", "ld"];
        double[] scores = [0, 0, 0, -2, -3, -3, -2.5, -2.5, -4, -4, -2, -2], kinds = [3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        var metadata = new Metadata();
        metadata.Add("tokenizer.ggml.model", "t5");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of((byte[][])[.. tokens.Select(Encoding.UTF8.GetBytes)]));
        metadata.Add("tokenizer.ggml.scores", MetadataArray.Of(scores));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of(Array.ConvertAll(kinds, kind => (long)kind)));
        metadata.Add("tokenizer.ggml.add_space_prefix", true);
        metadata.Add("tokenizer.ggml.remove_extra_whitespaces", true);
        return metadata;
    }

    /// <summary>A map of one character: the root leads to the character's node, and that one to its replacement.</summary>
    private static byte[] Map(char from, string to)
    {
        uint[] nodes = new uint[512];
        nodes[0] = 256u << 10;                            // children from 256 on
        nodes[256 ^ from] = from | (1u << 8) | (1u << 10);   // a leaf whose value lies one beside it
        nodes[256 ^ from ^ 1] = 0;                        // the replacement begins at byte 0
        byte[] map = new byte[4 + (4 * nodes.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(map, 4 * nodes.Length);
        for (int i = 0; i < nodes.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (4 * i)), nodes[i]);
        return [.. map, .. Encoding.UTF8.GetBytes(to), 0];
    }

    private static Metadata Rwkv()
    {
        var tokens = new List<byte[]> { Encoding.ASCII.GetBytes("<s>") };
        foreach (string line in File.ReadLines(Golden.Shared("models/rwkv-tiny/rwkv_vocab_v20230424.txt")))
            tokens.Add(Encoding.UTF8.GetBytes(Escaped(Literal(line[(line.IndexOf(' ') + 1)..line.LastIndexOf(' ')]))));
        var metadata = new Metadata();
        metadata.Add("tokenizer.ggml.model", "rwkv");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of((byte[][])[.. tokens]));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of((long[])[3, .. Enumerable.Repeat(1L, tokens.Count - 1)]));
        return metadata;
    }

    /// <summary>The bytes of a Python literal.</summary>
    private static byte[] Literal(string text)
    {
        bool raw = text[0] == 'b';
        text = raw ? text[2..^1] : text[1..^1];
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                int length = char.IsSurrogatePair(text, i) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
                continue;
            }

            char kind = text[++i];
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
            int value = digits > 0 ? int.Parse(text.AsSpan(i + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind == 't' ? '\t' : kind;
            bytes.AddRange(raw ? [(byte)value] : Encoding.UTF8.GetBytes(((char)value).ToString()));
            i += digits;
        }

        return [.. bytes];
    }

    private static string Escaped(byte[] bytes) =>
        string.Concat(bytes.Select(b => b == '\\' ? @"\\" : b is >= 32 and < 127 ? ((char)b).ToString() : $"\\x{b:x2}"));
}
