using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class PerplexityTests
{
    private static readonly string s_text = File.ReadAllText(Golden.Path("stories-text/stories.txt"));
    private static readonly Lazy<Perplexity> s_plain = new(() => Measure(new() { Exact = true, Packed = false, CacheFormat = "F32" }));

    public static TheoryData<string, ModelOptions> Ways => new()
    {
        { "as opened by default", new() },
        { "not packed", new() { Packed = false } },
        { "exact", new() { Exact = true } },
        { "cache F32", new() { CacheFormat = "F32" } },
        { "cache BF16", new() { CacheFormat = "BF16" } },
    };

    [Theory, MemberData(nameof(Ways))]
    public void A_fast_way_leaves_it_unchanged(string way, ModelOptions options)
    {
        double ratio = Measure(options).Value / s_plain.Value.Value;
        Assert.True(Math.Abs(ratio - 1) < 1e-3, $"{way}: {ratio} times the plain way's.");
    }

    [Fact]
    public void Threads_and_steps_change_nothing() =>
        Assert.Equal(Measure(new() { Threads = 1, PrefillChunk = 17 }), Measure(new() { Threads = 3 }));

    [Fact]
    public void Half_a_window_is_scored()
    {
        var found = Perplexity.Measure(null, s_text, new() { Length = 64, Limit = 1 });
        Assert.Equal((31, 1), (found.Tokens, found.Windows));
        Assert.InRange(found.Value, 1.5, 30);
        Assert.InRange(found.Error, 0.01, found.Value);
    }

    [Fact]
    public void Overlapping_windows_score_each_token_once()
    {
        using var reader = new WindowReader(null, s_text, new() { Length = 64, Stride = 48, Opening = new() { Threads = 1 } });
        int tokens = reader.Scored(0), all = Thimble.Models.Tokens.Tokenizer.From(reader.File.Metadata).Encode(s_text).Length;
        for (int window = 1; window < reader.Count; window++)
            tokens += reader.Scored(window);
        Assert.Equal(all - 1, tokens);
        Assert.Throws<ArgumentException>(() => Perplexity.Measure(null, s_text, new() { Length = 64, Stride = 65 }));
    }

    [Fact]
    public void More_before_a_token_surprises_less()
    {
        double apart = Perplexity.Measure(null, s_text, new() { Length = 64, Stride = 64, Limit = 8 }).Value;
        double overlapping = Perplexity.Measure(null, s_text, new() { Length = 64, Stride = 16, Limit = 29 }).Value;
        Assert.True(overlapping < apart, $"{overlapping} against {apart}");
    }

    [Fact]
    public void A_text_that_fills_no_window_is_refused()
    {
        string message = Assert.Throws<ArgumentException>(() => Perplexity.Measure(null, "Once upon a time")).Message;
        Assert.Contains("a window takes 512", message, StringComparison.Ordinal);
    }

    private static Perplexity Measure(ModelOptions opening) => Perplexity.Measure(null, s_text, new() { Length = 128, Opening = opening });
}
