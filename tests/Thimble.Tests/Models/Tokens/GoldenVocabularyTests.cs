using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public class GoldenVocabularyTests
{
    public static TheoryData<string> Names => [.. Files];

    internal static string[] Files =>
        [.. Directory.GetFiles(Golden.Path("ggml-vocab"), "*.gguf").Select(path => Path.GetFileName(path)[11..^5]).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Names))]
    public void Every_case_encodes_to_the_recorded_ids(string name) => Check(Open(name), name);

    [Theory, MemberData(nameof(Names))]
    public void Streaming_gives_what_decoding_at_once_gives(string name)
    {
        Tokenizer tokenizer = Open(name);
        foreach ((string text, int[] ids) in Cases(name))
        {
            var stream = new Detokenizer(tokenizer, start: true);
            string streamed = string.Concat(ids.Select(stream.Push)) + stream.Flush();
            Assert.Equal(tokenizer.Decode(ids), streamed);
            if (name != "bert-bge")
                Assert.Equal(text, streamed);
        }
    }

    [SharedFact("models/tokenizers/qwen3", cases: 46), Trait("Speed", "Slow")]
    public void Qwen2_cases_encode_with_the_tokenizer_of_Hugging_Face() =>
        Check(Tokenizer.From(TokenizerJson.Read(Golden.Shared("models/tokenizers/qwen3"))), "qwen2");

    [SharedFact("data/evaluation-only/llama3-tokenizer", cases: 46), Trait("Speed", "Slow")]
    public void Llama_3_cases_encode_with_the_tokenizer_of_Hugging_Face() =>
        Check(Tokenizer.From(TokenizerJson.Read(Golden.Shared("data/evaluation-only/llama3-tokenizer"))), "llama-bpe");

    internal static Tokenizer Open(string name) => Tokenizer.From(ModelFile.Open(Golden.Path($"ggml-vocab/ggml-vocab-{name}.gguf")).Metadata);

    internal static IEnumerable<(string Text, int[] Ids)> Cases(string name)
    {
        string path = Golden.Path($"ggml-vocab/ggml-vocab-{name}.gguf");
        string[] texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n");
        string[] ids = File.ReadAllText(path + ".out").Split('\n');
        // Behind the last separator stands nothing.
        return texts.SkipLast(1).Zip(ids, (text, line) => (text, line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray()));
    }

    private static void Check(Tokenizer tokenizer, string name)
    {
        Assert.Equal(46, Cases(name).Count());
        Assert.All(Cases(name), test => Assert.Equal(test.Ids, tokenizer.Encode(test.Text, addSpecial: false)));
    }
}
