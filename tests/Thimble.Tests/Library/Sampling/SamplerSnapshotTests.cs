using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SamplerSnapshotTests
{
    public static TheoryData<SamplingOptions> Options => new()
    {
        new SamplingOptions { Seed = 1 },
        new SamplingOptions { Seed = 2, Mirostat = new() { Tau = 2 }, FrequencyPenalty = 0.5f },
        new SamplingOptions { Seed = 3, TopK = 0, RepetitionPenalty = 1.3f, Dry = new(), Xtc = new() },
    };

    [Theory, MemberData(nameof(Options))]
    public void What_follows_a_restored_state_is_what_followed_it_first(SamplingOptions options)
    {
        for (int at = 0; at <= 40; at += 8)
        {
            Sampler sampler = new(options, 30);
            sampler.Observe([1, 2, 3]);
            Write(sampler, 0, at);
            SamplerSnapshot snapshot = sampler.Snapshot();
            int[] first = Write(sampler, at, 60);

            sampler.Restore(snapshot);
            Write(sampler, 1000, 1010);   // astray
            sampler.Restore(snapshot);
            Assert.Equal(first, Write(sampler, at, 60));
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void A_state_restored_is_the_state_saved(SamplingOptions options)
    {
        Sampler sampler = new(options, 30);
        Write(sampler, 0, 20);
        SamplerSnapshot snapshot = sampler.Snapshot();
        Write(sampler, 20, 25);
        Assert.NotEqual(snapshot, sampler.Snapshot());
        sampler.Restore(snapshot);
        Assert.Equal(snapshot, sampler.Snapshot());
    }

    [Fact]
    public void A_state_of_another_text_is_refused()
    {
        Sampler sampler = new(new() { Seed = 1 }, 30);
        SamplerSnapshot start = sampler.Snapshot();
        sampler.Observe([1, 2, 3]);
        SamplerSnapshot three = sampler.Snapshot();
        sampler.Restore(start);
        Assert.Throws<ArgumentException>(() => sampler.Restore(three));
        sampler.Observe([1, 2, 4, 5]);
        Assert.Throws<ArgumentException>(() => sampler.Restore(three));
    }

    private static int[] Write(Sampler sampler, int from, int to)
    {
        List<int> text = [];
        for (int i = from; i < to; i++)
        {
            text.Add(sampler.Next(Toy.Logits(30, i)));
            sampler.Accept(text[^1]);
        }

        return [.. text];
    }
}
