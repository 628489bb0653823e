using System.Text.RegularExpressions;

namespace Thimble.Tests.Library.Grammar;

public sealed class RegexTermsTests
{
    [Theory]
    [InlineData("[a-c]+x{2,3}")]
    [InlineData("(ab|ac|a)*b?")]
    [InlineData("^a|b$")]
    [InlineData("(?:a|b){2}(c|)")]
    [InlineData("(?=ab)[abc]{3}")]
    [InlineData("(?!ab)[abc]{2,}")]
    [InlineData("a(?!b)[abc]*c")]
    [InlineData("\\w\\d?\\s*")]
    [InlineData("[^ab]|a.b")]
    [InlineData("((a*)*b|c)*")]
    public void Matches_what_dotnet_matches(string pattern)
    {
        var format = OutputFormat.Regex(pattern);
        var expected = new Regex($"\\A(?:{pattern})\\z", RegexOptions.CultureInvariant);
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "abcx1 "[random.Next(6)]));
            Assert.True(expected.IsMatch(text) == Formats.Takes(format, text), $"{pattern} on '{text}'");
        }
    }

    [Theory]
    [InlineData("(a)\\1", "back reference")]
    [InlineData("a\\b", "word boundary")]
    [InlineData("(?<=a)b", "look-behind")]
    [InlineData("\\p{Script=Han}", "Script=Han")]
    public void What_no_automaton_follows_is_refused(string pattern, string word) =>
        Assert.Contains(word, Assert.Throws<NotSupportedException>(() => OutputFormat.Regex(pattern)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a{3,2}")]
    [InlineData("\\")]
    public void Wrong_expressions_are_refused(string pattern) => Assert.ThrowsAny<ArgumentException>(() => OutputFormat.Regex(pattern));

    [Theory]
    [InlineData("\\p{Lu}\\u00e9\\u{1F600}", "Éé😀", true)]
    [InlineData("[\\u0000-\\u{10FFFF}]", "😀", true)]
    [InlineData("(?i)hello", "HeLLo", true)]
    [InlineData("a{0,1000}", "aaaa", true)]
    [InlineData(".", "\n", false)]
    public void Characters_are_code_points(string pattern, string text, bool takes) => Assert.Equal(takes, Formats.Takes(OutputFormat.Regex(pattern), text));

    [Fact, Trait("Speed", "Slow")]
    public void Explosive_expressions_are_bounded()
    {
        var format = OutputFormat.Regex("(a|b)*a(a|b){18}(c{500}){500}");
        Assert.False(Formats.Takes(format, new string('a', 300) + "x"));
        var worst = OutputFormat.Regex("(?=.*a.{14}b)(?!.*b.{13}a)(?=.*c.{12}d)[abcd]{40,200}x");
        Assert.Throws<CapacityException>(() => Read(worst));

        static bool Read(OutputFormat format) => Formats.Takes(format, string.Concat(Enumerable.Repeat("abdcab", 30)));
    }
}
