namespace Thimble.Tests.Library.Speculative.Product;

/// <summary>Models whose layers come from disk for every step.</summary>
public class StreamedModelTests
{
    private static readonly GenerationOptions s_options = new() { MaxTokens = 30, IgnoreEnd = true, Sampling = new() { Seed = 4 } };

    [Theory]
    [InlineData("off")]
    [InlineData("lookup")]
    [InlineData("ple-tinystories-int4/ple-c1M-s0.bin")]
    public async Task The_text_is_the_one_from_memory(string draft)
    {
        using var whole = Model.OpenDefault(new() { Packed = false });   // packed weights round otherwise
        using var streamed = Model.OpenDefault(new() { StreamMemory = 700_000, Draft = draft.Contains('/', StringComparison.Ordinal) ? Golden.Path(draft) : draft });
        string[] prompts = ["Once upon a time", "The dog and the cat"];
        Generation[] both = [.. prompts.Select(prompt => streamed.Generate(prompt, s_options))];
        for (int i = 0; i < both.Length; i++)
            Assert.Equal(await whole.Generate(prompts[i], s_options).TextAsync(), await both[i].TextAsync());
    }

    [Fact]
    public void A_budget_below_two_layers_says_the_least_and_the_least_does()
    {
        CapacityException refusal = Assert.Throws<CapacityException>(() => Model.OpenDefault(new() { StreamMemory = 1000 }));
        Assert.Contains($"at least {refusal.Needed} bytes are needed", refusal.Message, StringComparison.Ordinal);
        using var model = Model.OpenDefault(new() { StreamMemory = refusal.Needed });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelOptions { StreamMemory = 0 });
    }

    [Fact]
    public void A_model_that_continues_no_text_is_refused() => Assert.Contains("cannot be streamed layer by layer", Assert.Throws<NotSupportedException>(
        () => Model.Open(Golden.Path("encoders/bert.gguf"), new() { StreamMemory = 1 << 30 })).Message, StringComparison.Ordinal);
}
