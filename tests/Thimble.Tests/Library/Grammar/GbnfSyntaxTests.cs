namespace Thimble.Tests.Library.Grammar;

public sealed class GbnfSyntaxTests
{
    private const string Json = """
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::=
          "{" ws (
                    string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws
        array  ::=
          "[" ws (
                    value
            ("," ws value)*
          )? "]" ws
        string ::=
          "\"" (
            [^"\\\x7F\x00-\x1F] |
            "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
          )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    [Theory]
    [InlineData("""{"a": [1, 2.5e3, {"b": null}], "c\u00e9": "x\n"}""", true)]
    [InlineData("{}", true)]
    [InlineData("[]", false)]
    [InlineData("""{"a": 01}""", false)]
    [InlineData("""{"a": 1""", false)]
    [InlineData("""{"ж": "日本"}""", true)]
    public void Json_grammar_takes_json(string text, bool takes) => Assert.Equal(takes, Formats.Takes(OutputFormat.Grammar(Json), text));

    [Theory]
    [InlineData("root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"-\"", "aaa-bcb", true)]
    [InlineData("root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"-\"", "aaa-bc", false)]
    [InlineData("root ::= x y x\nx ::= \"1\"? # one\ny ::= [^0-9]{2,3}", "1ab", true)]
    [InlineData("root ::= x y x\nx ::= \"1\"?\ny ::= [^0-9]{2,3}", "abcd", false)]
    [InlineData("root ::= e\ne ::= t ((\"+\" | \"-\") t)*\nt ::= [0-9]+ | \"(\" e \")\"", "1+(2-(33+4))-5", true)]
    [InlineData("root ::= e\ne ::= t ((\"+\" | \"-\") t)*\nt ::= [0-9]+ | \"(\" e \")\"", "1+(2-(33+4)-5", false)]
    [InlineData("root ::= o root o | \"x\"\no ::= \"a\"?", "x", false)]
    [InlineData("root ::= . .\n", "日é", true)]
    [InlineData("root ::= \"\\x41\\u00e9\\U0001F600\" [\\]\\-a]", "Aé😀]", true)]
    public void Rules_recursion_counts_and_escapes(string grammar, string text, bool takes)
    {
        if (grammar.Contains("o root", StringComparison.Ordinal))
            Assert.Contains("left-recursive", Assert.Throws<ArgumentException>(() => Formats.Takes(OutputFormat.Grammar(grammar), text)).Message, StringComparison.Ordinal);
        else
            Assert.Equal(takes, Formats.Takes(OutputFormat.Grammar(grammar), text));
    }

    [Theory]
    [InlineData("root ::= foo", "foo")]
    [InlineData("rot ::= \"a\"", "root")]
    [InlineData("root ::= \"a\" root", "never ends")]
    [InlineData("root ::= root \"a\" | \"b\"", "left-recursive")]
    [InlineData("root ::= (\"a\"", "line 1")]
    [InlineData("root ::= \"a\n", "line 2")]
    [InlineData("root ::= \"a\"{3,2}", "{m,n}")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "twice")]
    public void Wrong_grammars_are_refused(string grammar, string word) =>
        Assert.Contains(word, Assert.ThrowsAny<ArgumentException>(() => Formats.Takes(OutputFormat.Grammar(grammar), "")).Message, StringComparison.Ordinal);

    [Fact]
    public void Tokens_are_known_by_name_and_refused_by_number()
    {
        Assert.True(Formats.Takes(OutputFormat.Grammar("root ::= <think> \"x\""), "<think>x"));
        Assert.Contains("by number", Assert.Throws<NotSupportedException>(() => OutputFormat.Grammar("root ::= <[7]>")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_ends_before_the_stack_does()
    {
        var format = OutputFormat.Grammar("root ::= \"(\" root \")\" | \"x\"");
        string open = new('(', 100_000);
        Assert.False(Formats.Takes(format, open + "x"));
        Assert.True(Formats.Takes(format, new string('(', 300) + "x" + new string(')', 300)));
    }
}
