using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Tests.Library;

public class BenchmarkTests
{
    private static readonly BenchmarkTest s_test = new() { GeneratedTokens = 128, Depth = 4096, BytesPerToken = 2_000_000, TokensPerSecond = [90, 100, 110] };

    [Fact]
    public void Mean_deviation_and_share_follow_from_the_samples()
    {
        Assert.Equal(100, s_test.Mean, 9);
        Assert.Equal(10, s_test.Deviation, 9);
        Assert.Equal(0.2, s_test.ShareOf(1e9)!.Value, 9);
        Assert.Equal(0, (s_test with { TokensPerSecond = [90] }).Deviation);
    }

    [Fact]
    public void Tests_are_named_as_llama_bench_names_them()
    {
        Assert.Equal("tg128 @ d4096", s_test.Name);
        Assert.Equal("tg128", (s_test with { Depth = 0 }).Name);
        Assert.Equal("pp512", new BenchmarkTest { PromptTokens = 512, TokensPerSecond = [1] }.Name);
    }

    [Fact]
    public void A_prompt_has_no_share_of_the_reading_speed() =>
        Assert.Null(new BenchmarkTest { PromptTokens = 512, TokensPerSecond = [1] }.ShareOf(1e9));

    [Fact]
    public void Each_test_runs_as_often_as_asked()
    {
        using ModelFile file = DefaultModel.Open();
        BenchmarkResult result = Benchmark.Run(file, new() { PromptTokens = 5, GeneratedTokens = 3, Depth = 7, Repetitions = 2, Threads = 2 });
        Assert.Equal(["pp5 @ d7", "tg3 @ d7"], result.Tests.Select(test => test.Name));
        Assert.All(result.Tests, test => Assert.Equal(2, test.TokensPerSecond.Count(speed => speed > 0)));
        Assert.Equal((2, "ple"), (result.Threads, result.Model.Architecture));
        Assert.True(result.Tests[1].BytesPerToken > 1_000_000 && result.ReadBytesPerSecond > 0);
    }

    [Fact]
    public void No_prompt_leaves_that_test_out()
    {
        using ModelFile file = DefaultModel.Open();
        BenchmarkResult result = Benchmark.Run(file, new() { PromptTokens = 0, GeneratedTokens = 1, Repetitions = 1, Threads = 1 });
        Assert.Equal("tg1", Assert.Single(result.Tests).Name);
    }

    [Fact]
    public void More_tokens_than_the_context_are_refused()
    {
        using ModelFile file = DefaultModel.Open();
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => Benchmark.Run(file, new() { Depth = 1_000_000 }));
        Assert.StartsWith("A depth of 1000000 and 512 tokens more need a context of 1000512; that of", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BenchmarkOptions { GeneratedTokens = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BenchmarkOptions { PromptTokens = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BenchmarkOptions { Depth = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BenchmarkOptions { Threads = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BenchmarkOptions { Repetitions = 0 });
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using ModelFile file = DefaultModel.Open();
        Assert.ThrowsAny<OperationCanceledException>(() => Benchmark.Run(file, new(), new CancellationToken(canceled: true)));
    }
}
