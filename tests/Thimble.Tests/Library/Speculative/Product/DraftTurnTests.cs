
namespace Thimble.Tests.Library.Speculative.Product;

/// <summary>Whole models with drafts write what they write without.</summary>
public class DraftTurnTests
{
    private const string Story = "Once upon a time there was a dog. The dog was big. Once upon a time there was a";

    private static readonly GenerationOptions s_sampled = new() { MaxTokens = 60, IgnoreEnd = true, Sampling = new() { Seed = 5, RepetitionPenalty = 1.1f } };

    [Theory, Trait("Speed", "Slow")]
    [InlineData("lookup")]
    [InlineData("auto")]
    [InlineData("ple-tinystories-int4/ple-d32-s0.bin")]
    [InlineData("stories260K/stories260K.bin")]
    public async Task Drafts_change_no_text(string draft)
    {
        using var plain = Model.OpenDefault();
        using var drafted = Model.OpenDefault(new() { Draft = draft.Contains('/', StringComparison.Ordinal) ? Golden.Path(draft) : draft });
        foreach (GenerationOptions options in (GenerationOptions[])[s_sampled, s_sampled with { Sampling = SamplingOptions.Greedy }, s_sampled with { Stop = ["park"], IgnoreEnd = false }])
        {
            Task<string>[] both = [drafted.Generate(Story, options).TextAsync(), drafted.Generate("The cat", options).TextAsync()];
            Assert.Equal(await plain.Generate(Story, options).TextAsync(), await both[0]);
            Assert.Equal(await plain.Generate("The cat", options).TextAsync(), await both[1]);
        }
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task Sessions_go_on_with_drafts_and_tell_what_came_of_them()
    {
        using var plain = Model.OpenDefault();
        using var drafted = Model.OpenDefault(new() { Draft = Golden.Path("ple-tinystories-int4/ple-c3M-s0.bin") });
        using Session one = plain.CreateSession(), two = drafted.CreateSession();
        Generation? last = null;
        foreach (string turn in (string[])[Story, " Then", " And so"])
        {
            string expected = await one.Generate(turn, s_sampled).TextAsync();
            last = two.Generate(turn, s_sampled);
            Assert.Equal(expected, await last.TextAsync());
            Assert.Equal(one.Tokens(), two.Tokens());
        }

        Assert.True(last!.Drafts.Drafted >= last.Drafts.Accepted && last.Drafts.MeanLength < 65);
        Assert.Equal(default, (await Finished(two.Generate(" end", s_sampled with { Drafts = false }))).Drafts);
    }

    [Fact]
    public async Task A_full_context_ends_as_without_drafts()
    {
        GenerationOptions options = s_sampled with { MaxTokens = null };
        using var plain = Model.OpenDefault(new() { ContextLength = 70 });
        using var drafted = Model.OpenDefault(new() { ContextLength = 70, Draft = "lookup" });
        Generation expected = plain.Generate(Story, options), got = drafted.Generate(Story, options);
        Assert.Equal(await expected.TextAsync(), await got.TextAsync());
        Assert.Equal((FinishReason.ContextFull, expected.FinishReason), (got.FinishReason, got.FinishReason));
    }

    private static async Task<Generation> Finished(Generation generation)
    {
        await generation.TextAsync();
        return generation;
    }
}
