namespace Thimble.Tests.Library;

public class CacheFormatTests
{
    private static readonly GenerationOptions s_greedy = new() { MaxTokens = 24, IgnoreEnd = true, Sampling = SamplingOptions.Greedy };

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("Q8_0")]
    public async Task Narrow_caches_tell_the_same_story(string format)
    {
        using Model exact = Model.OpenDefault(new() { CacheFormat = "F32" }), narrow = Model.OpenDefault(new() { CacheFormat = format });
        Assert.Equal(await exact.Generate("Once upon a time", s_greedy).TextAsync(), await narrow.Generate("Once upon a time", s_greedy).TextAsync());
        Assert.True(narrow.CacheBytesPerToken < exact.CacheBytesPerToken);
    }

    [Fact]
    public async Task Nibbles_tell_a_story()
    {
        using var model = Model.OpenDefault(new() { CacheFormat = "Q4_0" });
        Assert.NotEmpty(await model.Generate("Once upon a time", s_greedy).TextAsync());
    }

    [Fact]
    public async Task Calibrated_softmax_tells_the_same_story()
    {
        using Model plain = Model.OpenDefault(), unified = Model.OpenDefault(new() { UnifiedSoftmax = true });
        Assert.Equal(await plain.Generate("Once upon a time", s_greedy).TextAsync(), await unified.Generate("Once upon a time", s_greedy).TextAsync());
        (long rows, long fallbacks) = unified.Engine.FlashDecoding!.Counts;
        Assert.True(rows > 100 && fallbacks < rows * 1e-4, $"{fallbacks} of {rows} rows fell back.");
    }
}
