using System.Text.Json;
using System.Text.RegularExpressions;
using Thimble.Grammar;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Library.Grammar;

public sealed class TextFormatsTests
{
    [Theory]
    [InlineData("url", "https://a.example/b?c#d", "no address")]
    [InlineData("host-name", "a.example", "a_b.example")]
    [InlineData("ip-address", "10.0.0.255", "10.0.0.256")]
    [InlineData("color", "#00ffAA", "#00ffA")]
    [InlineData("color", "teal", "puce")]
    [InlineData("semver", "1.0.10-rc.1+b2", "1.02.0")]
    [InlineData("semver", "0.0.0-0a", "0.0.0-01")]
    [InlineData("regex", "^(a|[^\\]x0-9]{2,}?)*\\.(?:(b)+)?$", "(a")]
    [InlineData("regex", "", "[b-a]")]
    public void A_text_of_a_format_is_told_from_others(string format, string text, string other)
    {
        var schema = OutputFormat.JsonSchema($$"""{"type":"string","format":"{{format}}"}""");
        Assert.True(Formats.Takes(schema, SchemaSuite.Canonical(JsonSerializer.SerializeToElement(text))));
        Assert.False(Formats.Takes(schema, SchemaSuite.Canonical(JsonSerializer.SerializeToElement(other))));
    }

    [Theory]
    [InlineData("uint8", "255", "256")]
    [InlineData("int16", "-32768", "-32769")]
    [InlineData("uint32", "4294967295", "-1")]
    [InlineData("uint64", "18446744073709551615", "18446744073709551616")]
    public void A_format_of_numbers_bounds_them(string format, string number, string other)
    {
        var schema = OutputFormat.JsonSchema($$"""{"type":"integer","format":"{{format}}"}""");
        Assert.True(Formats.Takes(schema, number));
        Assert.False(Formats.Takes(schema, other));
    }

    [Fact]
    public void Whatever_is_written_as_a_regular_expression_is_one()
    {
        Tokenizer tokenizer = Formats.Open("gpt-2");
        TokenGrammar grammar = new Grammars(tokenizer, tokenizer.VocabularySize).Of(OutputFormat.JsonSchema("""{"type":"string","format":"regex"}"""));
        var random = new Random(5);
        int written = 0;
        for (int i = 0; i < 40; i++)
        {
            if (Formats.Write(grammar.Begin(), tokenizer, random, patience: 10) is not { } text)
                continue;
            _ = new Regex(JsonSerializer.Deserialize<string>(text)!);
            RegexParser.Parse(JsonSerializer.Deserialize<string>(text)!);
            written++;
        }

        Assert.True(written > 10, $"Only {written} texts ended.");
    }
}
