using Thimble.Sampling;
using Thimble.Speculative;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Library.Speculative;

/// <summary>Drafts change no token.</summary>
public sealed class SpeculationTests : IDisposable
{
    private static readonly SamplingOptions s_chain = new() { Seed = 5, Temperature = 0.9f, TopK = 30, RepetitionPenalty = 1.2f, PresencePenalty = 0.3f };

    private readonly Desk _desk = new(Desk.Ple("d32"));

    public void Dispose() => _desk.Dispose();

    public static TheoryData<string> Chains => ["greedy", "plain", "chain", "mirostat", "xtc"];

    [Theory, Trait("Speed", "Slow"), MemberData(nameof(Chains))]
    public void Right_and_wrong_guesses_give_the_plain_text(string chain)
    {
        SamplingOptions options = Options(chain);
        int[] prompt = [.. _desk.Tokenizer.Encode("Once upon a time")], plain = _desk.Write(prompt, 90, options);
        int before = _desk.Runs;
        for (int seed = 0; seed < 6; seed++)
        {
            using var speculation = new Speculation(new WildDrafter(seed, _desk.Vocabulary, At(prompt, plain)), Desk.Pace(2 + (seed * 4)));
            Assert.Equal(plain, _desk.Write(prompt, 90, options, speculation));
            Assert.True(speculation.Counts.Accepted > 10 && speculation.Counts.Drafted > speculation.Counts.Accepted);
        }

        Assert.True(_desk.Runs - before < 6 * 80);
    }

    [Theory]
    [InlineData("lstm-c3M")]
    [InlineData("gru-c1.5M")]
    public void A_recurrent_model_takes_chains(string name)
    {
        using var desk = new Desk(Golden.Path($"ple-tinystories-int4/{name}-s0.bin"));
        int[] prompt = [.. desk.Tokenizer.Encode("The dog")], plain = desk.Write(prompt, 60, s_chain);
        using var speculation = new Speculation(new WildDrafter(1, desk.Vocabulary, At(prompt, plain)), Desk.Pace(5));
        Assert.Equal(plain, desk.Write(prompt, 60, s_chain, speculation));
        Assert.True(speculation.Counts.Accepted > 5);
    }

    [Fact]
    public void A_model_with_attention_and_recurrent_layers_takes_chains()
    {
        using var desk = new Desk(HybridModelTests.Hybrid("jamba").Gated().Norms("attn_norm", "ffn_norm").File());
        int[] prompt = [3, 1, 4, 1, 5, 9], plain = desk.Write(prompt, 40, s_chain);
        using var speculation = new Speculation(new WildDrafter(2, desk.Vocabulary, At(prompt, plain)), Desk.Pace(5));
        Assert.Equal(plain, desk.Write(prompt, 40, s_chain, speculation));
    }

    [Fact]
    public void Texts_of_unequal_luck_side_by_side_are_what_they_are_alone()
    {
        int[][] prompts = [.. new[] { "Once", "The cat sat", "A big dog ran to the" }.Select(text => _desk.Tokenizer.Encode(text).ToArray())];
        int[][] plain = [.. prompts.Select((prompt, i) => _desk.Write(prompt, 40, s_chain with { Seed = (ulong)i }))];
        int next = 0;
        Assert.Equal(plain, _desk.WriteAll(prompts, 40, i => s_chain with { Seed = (ulong)i }, () =>
            new WildDrafter(next, _desk.Vocabulary, At(prompts[next], plain[next++]))));
    }

    [Fact]
    public void A_mask_is_honoured_at_every_token_of_a_draft()
    {
        static TokenMask? Mask(List<int> text)
        {
            var mask = new TokenMask(4096);
            for (int id = text.Count % 3; id < 4096; id += 3)
                mask[id] = true;
            return mask;
        }

        int[] prompt = [.. _desk.Tokenizer.Encode("Once upon a time")], plain = _desk.Write(prompt, 40, s_chain, mask: Mask);
        using var speculation = new Speculation(new WildDrafter(3, _desk.Vocabulary, At(prompt, plain)), Desk.Pace(9));
        Assert.Equal(plain, _desk.Write(prompt, 40, s_chain, speculation, Mask));
        Assert.True(speculation.Counts.Accepted > 5);
    }

    private static SamplingOptions Options(string chain) => chain switch
    {
        "greedy" => SamplingOptions.Greedy,
        "plain" => new() { Seed = 9 },
        "chain" => s_chain,
        "mirostat" => s_chain with { Mirostat = new() },
        _ => s_chain with { Xtc = new() { Probability = 0.5f }, Dry = new() { Multiplier = 0.8f } },
    };

    private static Func<int, int> At(int[] prompt, int[] text) => place => text[Math.Clamp(place - prompt.Length, 0, text.Length - 1)];
}
