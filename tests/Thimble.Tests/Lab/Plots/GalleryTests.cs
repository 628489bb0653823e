using Thimble.Lab.Evaluate;
using Thimble.Lab.Measure;
using Thimble.Lab.Plots;

namespace Thimble.Tests.Lab.Plots;

public class GalleryTests
{
    [Fact]
    public void Results_of_both_kinds_become_one_page()
    {
        string html = Gallery.Html([("a.json", Result("Q4_0", 4.5, 9.1)), ("b.json", Result("Q8_0", 8.5, 8.8)), ("m.json", new MeltResult([]).ToJson())]);
        Assert.Contains("Pareto front", html, StringComparison.Ordinal);
        Assert.Contains("Q8_0", html, StringComparison.Ordinal);
        Assert.Contains("9.1000", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("nonsense")]
    public void What_is_no_result_is_named(string text) =>
        Assert.Contains("'x.json' is no result", Assert.Throws<InvalidDataException>(() => Gallery.Html([("x.json", text)])).Message, StringComparison.Ordinal);

    private static string Result(string format, double bits, double perplexity) => new EvaluationResult(
        new("m.gguf", "llama", format, bits, 1000, 600), null, 1, null, "0",
        [new("wikitext", "", 0, [new("perplexity", perplexity, perplexity, perplexity, 10, "none")], [], [], null, [], [], [], 1)]).ToJson();
}
