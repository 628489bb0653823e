using System.Text;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Models.Tokens;

public class SplitterTests
{
    private const string Alphabet = "aZsStTmMdDrRvVlLeE'''  \t\n\r\u00a0\u30000 12३½.,!$_-\u0301éßЖ日本가กँा😁🚀\u200d🏽Ⅷ\u0085";

    public static TheoryData<string> Names => [.. PreTokenizers.Names];

    [Fact]
    public void Scanned_Gpt2_words_are_those_of_its_pattern() => Agree(new Gpt2Splitter(), Gpt2Splitter.Pattern);

    [Theory, InlineData(1, false), InlineData(3, false), InlineData(1, true), InlineData(2, true)]
    public void Scanned_Llama_words_are_those_of_their_pattern(int digits, bool marks) =>
        Agree(new LlamaSplitter(digits, marks), LlamaSplitter.Pattern(digits, marks));

    [Fact]
    public void Digits_in_threes_are_those_of_the_patterns()
    {
        Agree(new DigitGroups(DigitGroups.Decimal), @"\d{1,3}(?=(?:\d{3})*(?!\d))");
        Assert.Equal(["ab", "1", "234", "567", "c", "89"], Cut(new DigitGroups(DigitGroups.Decimal), "ab1234567c89"));
        Assert.Equal(["1", "234", "567"], Cut(new DigitGroups(DigitGroups.Decimal, apart: false), "1234567"));
    }

    [Fact]
    public void Trailing_space_is_that_of_its_pattern() => Agree(new TrailingSpace(), @"\s+$");

    [Theory, MemberData(nameof(Names))]
    public void Every_pre_tokenizer_cuts_without_loss(string name)
    {
        var random = new Random(7);
        foreach (Splitter splitter in PreTokenizers.Open(name).Splitters)
        {
            for (int i = 0; i < 50; i++)
            {
                string text = Text(random);
                Assert.Equal(text, string.Concat(Cut(splitter, text)));
            }
        }
    }

    [Theory, MemberData(nameof(Names)), Trait("Speed", "Slow")]
    public void No_pre_tokenizer_is_slow_on_a_run(string name)
    {
        foreach (Splitter splitter in PreTokenizers.Open(name).Splitters)
        {
            foreach (char c in "a 1A\n.日")
                Assert.NotEmpty(Cut(splitter, new string(c, 20_000) + "x"));
        }
    }

    [Theory]
    [InlineData("(?i:ab)+c", "aBAbc", "aBAbc")]
    [InlineData("a++b|a", "aab", "aab")]
    [InlineData("a+?", "aaa", "a,a,a")]
    [InlineData("(?>a|ab)c|ab", "abc", "ab,c")]
    [InlineData(@"[\p{L}&&[^\p{Han}]]+", "ab日c", "ab,日,c")]
    [InlineData(@"\w+|[^\w\s]", "né, x", "né,,, ,x")]
    [InlineData("(ab|c){2,3}", "abcabc", "abcab,c")]
    [InlineData(@"\x41\u0042|\b.", "ABc", "AB,c")]
    public void Patterns_match_as_regular_expressions_do(string pattern, string text, string parts) =>
        Assert.Equal(parts, string.Join(',', Cut(new PatternSplitter(pattern), text)));

    [Theory, InlineData("(?<=a)b"), InlineData("a)"), InlineData("[a"), InlineData(@"\p{Latin}"), InlineData("(a*)+"), InlineData("a{2000}"), InlineData("*a")]
    public void What_a_pattern_may_not_say_is_named(string pattern) =>
        Assert.Contains(pattern, Assert.Throws<NotSupportedException>(() => new PatternSplitter(pattern)).Message, StringComparison.Ordinal);

    private static void Agree(Splitter splitter, string pattern)
    {
        var random = new Random(1);
        var machine = new PatternSplitter(pattern);
        for (int i = 0; i < 1000; i++)
        {
            string text = Text(random);
            Assert.Equal(Cut(machine, text), Cut(splitter, text));
        }
    }

    internal static string Text(Random random)
    {
        Rune[] runes = [.. Alphabet.EnumerateRunes()];
        return string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }

    private static List<string> Cut(Splitter splitter, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var parts = new List<string>();
        for (int at = 0; at < bytes.Length;)
        {
            int end = splitter.Next(bytes, at);
            Assert.InRange(end, at + 1, bytes.Length);
            parts.Add(Encoding.UTF8.GetString(bytes, at, end - at));
            at = end;
        }

        return parts;
    }
}
