using System.Text;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training;

/// <summary>Tokenizers learnt from texts.</summary>
public sealed class TokenizerTrainingTests : IDisposable
{
    private const string Poem = "the cat sat on the mat, the cat's mat; aaaaaaa aaa abab ababab 1234 12 naïve Привет 日本\n\nthe end\n";

    private readonly TemporaryFolder _folder = new();

    [Theory, InlineData("gpt-2"), InlineData("qwen2"), InlineData("starcoder"), InlineData("llama-bpe")]
    public void Merges_are_those_of_counting_all_pairs_anew(string split)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            string text = Text(seed);
            var words = new WordCounts(PreTokenizers.Open(split).Splitters);
            words.Add(Encoding.UTF8.GetBytes(text));
            var learnt = BytePairVocabulary.Learn(words, ["<s>"], 400, 2);
            Assert.Equal(Naive(words, first: 1, size: 400), learnt.Merges);
            Assert.True(learnt.Merges.Count > 40);
        }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void A_tokenizer_reads_its_own_texts_back(string split)
    {
        foreach (string output in (string[])["out.gguf", "folder"])
        {
            TokenizerResult result = Train(Recipe($"split: {split}\nvocabulary: 400\noutput: {output}", Text(3)));
            Tokenizer tokenizer = Open(output);
            int[] ids = tokenizer.Encode(Text(3), addSpecial: false);
            Assert.Equal(Text(3), tokenizer.Decode(ids));
            Assert.Equal((result.Tokens, result.Symbols), (tokenizer.VocabularySize, ids.Length));
            Assert.Equal(Text(9), tokenizer.Decode(tokenizer.Encode(Text(9), addSpecial: false)));
        }
    }

    [Fact]
    public void Both_kinds_of_output_hold_the_same_tokenizer()
    {
        const string Keys = "vocabulary: 380\nspecial: ['<|endoftext|>', '<|im_start|>', '<|im_end|>']\nbegin: '<|im_start|>'\nadd_begin: true\ntemplate: '{{ messages[0].content }}'\noutput: ";
        Train(Recipe(Keys + "out.gguf", Text(1)));
        Train(Recipe(Keys + "folder", Text(1)));
        using var file = ModelFile.Open(Path("out.gguf"));
        Metadata folder = TokenizerJson.Read(Path("folder"));
        foreach (string key in folder.Keys)
            Assert.Equal(Value(folder, key), Value(file.Metadata, key));
        Tokenizer tokenizer = Open("folder");
        Assert.Equal((1, 0, true), (tokenizer.BeginOfText, tokenizer.EndOfText, tokenizer.AddsBeginOfText));
        Assert.True(tokenizer.IsEndOfGeneration(2));
    }

    [Fact]
    public void The_same_texts_give_the_same_bytes()
    {
        Train(Recipe("vocabulary: 350\noutput: one.gguf", Text(2)));
        Train(Recipe("vocabulary: 350\noutput: two.gguf", Text(2)));
        Assert.Equal(File.ReadAllBytes(Path("one.gguf")), File.ReadAllBytes(Path("two.gguf")));
    }

    [Fact]
    public void Special_tokens_are_no_text_to_learn_from()
    {
        Train(Recipe("vocabulary: 300\nspecial: ['<|im_start|>']\noutput: out.gguf", string.Concat(Enumerable.Repeat("<|im_start|>ab<|endoftext|>", 50))));
        Tokenizer tokenizer = Open("out.gguf");
        Assert.Equal(258, tokenizer.VocabularySize);   // 256 bytes, the sign, and ab
        Assert.Equal([0, 257], tokenizer.Encode("<|im_start|>ab", parseSpecial: true));
    }

    [Fact]
    public void Conversations_are_learnt_from_without_their_frames_and_broken_lines_are_named()
    {
        string lines = string.Concat(Enumerable.Repeat("{\"messages\":[{\"role\":\"user\",\"content\":\"zq zq\"}]}\n{\"messages\": 3}\n", 2));
        TokenizerResult result = Train(Recipe("vocabulary: 300\noutput: out.gguf", lines, "chat"));
        Assert.Equal((10, 2), (result.Bytes, result.Broken.Count));
        Assert.StartsWith("texts.txt:2: ", result.Broken[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_of_a_long_text_move_nothing()
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(seed => Text(seed))), many = string.Concat(Enumerable.Repeat(text, 1 + ((1 << 20) * 2 / text.Length)));
        File.WriteAllText(Path("long.txt"), many);
        string[] pieces = [.. new TextPieces([]).Read(new TrainingText(Path("long.txt")))];
        Assert.True(pieces.Length > 1);
        Assert.Equal(many, string.Concat(pieces));
        Assert.Equal(Counted([many]), Counted(pieces));
    }

    [Theory]
    [InlineData("vocabulary: 256", "'vocabulary' is 256; expected 257 (1 special tokens and 256 bytes)")]
    [InlineData("split: word", "'split' is 'word'; known: gpt-2, llama-bpe")]
    [InlineData("end: '</s>'", "'end' is '</s>', which is none of 'special': <|endoftext|>")]
    [InlineData("add_begin: true", "'begin' does not say which token to add")]
    [InlineData("special: [a, a]", "'special' holds an empty token, or one twice")]
    [InlineData("special: { a: 1 }", "expected a list of texts")]
    [InlineData("merges: 3", "key 'merges' is unknown; known: add_begin, begin")]
    public void A_recipe_that_cannot_be_is_refused(string key, string complaint)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Recipe($"{key}\noutput: out.gguf", "text"));
        Assert.Contains(complaint, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_hold_nothing_are_refused() =>
        Assert.Contains("nothing to learn from", Assert.Throws<InvalidDataException>(() => Train(Recipe("output: out.gguf", "<|endoftext|>"))).Message, StringComparison.Ordinal);

    public static TheoryData<string> Splits => [.. TokenizerRecipe.Splits];

    public void Dispose() => _folder.Dispose();

    private static TokenizerResult Train(TokenizerRecipe recipe) => TokenizerTraining.Run(recipe);

    private string Path(string name) => System.IO.Path.Combine(_folder.Path, name);

    private Tokenizer Open(string output)
    {
        if (!output.EndsWith(".gguf", StringComparison.Ordinal))
            return Tokenizer.From(TokenizerJson.Read(Path(output)));
        using var file = ModelFile.Open(Path(output));
        return Tokenizer.From(file.Metadata);
    }

    private TokenizerRecipe Recipe(string keys, string text, string kind = "text")
    {
        File.WriteAllText(Path("texts.txt"), text);
        File.WriteAllText(Path("recipe.yaml"), $"texts: [{{ path: texts.txt, kind: {kind} }}]\n{keys}\n");
        return TokenizerRecipe.Load(Path("recipe.yaml"));
    }

    private static string Value(Metadata metadata, string key) => metadata.TryGet(key, out object? value)
        ? value is MetadataArray array ? string.Join('\u0001', key.EndsWith("_type", StringComparison.Ordinal) ? array.Integers().Select(number => number.ToString()) : array.Texts()) : value.ToString()!
        : "absent";

    private static string Text(int seed)
    {
        var random = new Random(seed);
        string[] words = [.. Poem.Split(' ')];
        return string.Concat(Enumerable.Range(0, 300).Select(_ => words[random.Next(words.Length)] + (random.Next(12) == 0 ? "\n" : random.Next(9) == 0 ? "  " : " ")));
    }

    private static SortedDictionary<string, long> Counted(IEnumerable<string> pieces)
    {
        var words = new WordCounts(PreTokenizers.Open("qwen2").Splitters);
        foreach (string piece in pieces)
            words.Add(Encoding.UTF8.GetBytes(piece));
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        for (int i = 0; i < words.Count; i++)
            counts.Add(Encoding.UTF8.GetString(words.Word(i)), words.Times(i));
        return counts;
    }

    /// <summary>Byte-pair encoding as it is defined: count all pairs, merge the most frequent everywhere, begin anew.</summary>
    private static List<(int, int)> Naive(WordCounts words, int first, int size)
    {
        List<(List<int> Symbols, long Times)> rows = [.. Enumerable.Range(0, words.Count).Select(i => (words.Word(i).ToArray().Select(value => first + value).ToList(), words.Times(i)))];
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ((char)value).ToString())];
        List<(int, int)> merges = [];
        while (first + tokens.Count < size)
        {
            var counts = new SortedDictionary<(int, int), long>();
            foreach ((List<int> symbols, long times) in rows)
            {
                for (int i = 1; i < symbols.Count; i++)
                    counts[(symbols[i - 1], symbols[i])] = counts.GetValueOrDefault((symbols[i - 1], symbols[i])) + times;
            }

            if (counts.Count == 0 || counts.MaxBy(pair => pair.Value) is not { Value: >= 2, Key: var (left, right) })
                break;
            string whole = tokens[left - first] + tokens[right - first];
            if (!tokens.Contains(whole))
                tokens.Add(whole);
            merges.Add((left, right));
            foreach ((List<int> symbols, _) in rows)
            {
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] == left && symbols[i + 1] == right)
                        symbols.RemoveAt(i + 1);
                    else
                        continue;
                    symbols[i] = first + tokens.IndexOf(whole);
                }
            }
        }

        return merges;
    }
}
