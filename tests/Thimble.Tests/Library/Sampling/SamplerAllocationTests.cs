using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SamplerAllocationTests
{
    public static TheoryData<SamplingOptions> Options => new()
    {
        new SamplingOptions { Seed = 1 },
        SamplingOptions.Greedy,
        SamplingOptions.Greedy with { PresencePenalty = 1 },
        new SamplingOptions { Seed = 2, Mirostat = new(), FrequencyPenalty = 0.5f },
        new SamplingOptions
        {
            Seed = 3, TopK = 0, TypicalP = 0.9f, TopNSigma = 3, RepetitionPenalty = 1.1f, Dry = new() { Window = 128 }, Xtc = new(),
            DynamicTemperature = new(), LogitBias = new Dictionary<int, float> { [5] = 1 },
        },
    };

    [Theory, MemberData(nameof(Options))]
    public void A_token_allocates_nothing(SamplingOptions options)
    {
        float[] logits = Toy.Logits(1000, 71);
        TokenMask mask = new(1000);
        mask.AllowAll();
        Sampler sampler = new(options, 1000);
        Write(sampler, logits, mask, 300);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Write(sampler, logits, mask, 100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Saving_and_restoring_allocate_nothing()
    {
        float[] logits = Toy.Logits(1000, 72);
        TokenMask mask = new(1000) { [1] = true };
        Sampler sampler = new(new() { Seed = 1 }, 1000);
        RollBack(sampler, logits, mask);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RollBack(sampler, logits, mask);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void RollBack(Sampler sampler, float[] logits, TokenMask mask)
    {
        SamplerSnapshot snapshot = sampler.Snapshot();
        Write(sampler, logits, mask, 10);
        sampler.Restore(snapshot);
    }

    private static void Write(Sampler sampler, float[] logits, TokenMask mask, int tokens)
    {
        for (int i = 0; i < tokens; i++)
            sampler.Accept(sampler.Next(logits, i % 2 == 0 ? mask : null));
    }
}
