using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SamplerTests
{
    [Fact]
    public void Draws_follow_the_distribution()
    {
        float[] logits = Toy.Logits(12, 61, spread: 1);
        Sampler sampler = new(Toy.Plain with { Seed = 7 }, 12);
        double[] p = Toy.Spread(sampler.Shape(logits), 12);
        int[] counts = Counts(sampler, logits, 50_000);
        Assert.InRange(counts.Select((count, i) => Math.Pow(count - (50_000 * p[i]), 2) / (50_000 * p[i])).Sum(), 1.5, 31);   // χ² of 11 degrees: 0.05 % and 99.9 %
    }

    [Fact]
    public void Draws_of_the_default_chain_follow_its_distribution()
    {
        float[] logits = Toy.Logits(300, 62);
        Sampler sampler = new(new() { Seed = 8 }, 300);
        double[] p = Toy.Spread(sampler.Shape(logits), 300);
        int[] counts = Counts(sampler, logits, 50_000);
        double square = counts.Select((count, i) => p[i] == 0 ? (count == 0 ? 0 : 1e9) : Math.Pow(count - (50_000 * p[i]), 2) / (50_000 * p[i])).Sum();
        Assert.InRange(square, 0.1, 3 * p.Count(x => x > 0));
    }

    [Fact]
    public void Same_seed_same_text_whatever_else_happens()
    {
        float[][] logits = [.. Enumerable.Range(0, 100).Select(i => Toy.Logits(50, i))];
        int[] alone = Text(new Sampler(new() { Seed = 9 }, 50), logits);
        var shared = new Candidates();
        Sampler first = new(new() { Seed = 9 }, 50, candidates: shared), second = new(new() { Seed = 10 }, 50, candidates: shared);
        int[] together = [.. logits.Select(x => { Step(second, x); return Step(first, x); })];
        Assert.Equal(alone, together);
        Assert.NotEqual(alone, Text(new Sampler(new() { Seed = 10 }, 50), logits));
    }

    [Fact]
    public void Seed_and_position_alone_make_the_draw()
    {
        // Known once and for all: another machine, or a later version, must write the same text.
        float[] logits = Toy.Logits(20, 63, spread: 1);
        Sampler sampler = new(Toy.Plain with { Seed = 2024 }, 20);
        int[] text = [.. Enumerable.Range(0, 12).Select(_ => Step(sampler, logits))];
        int[] expected = [.. Enumerable.Range(0, 12).Select(i => Inverse(logits, Philox.Uniform(2024, i, DrawPurpose.Token)))];
        Assert.Equal(expected, text);
    }

    [Fact]
    public void Choosing_twice_chooses_the_same()
    {
        float[] logits = Toy.Logits(50, 64);
        Sampler sampler = new(new() { Seed = 11 }, 50);
        Assert.Single(Enumerable.Range(0, 10).Select(_ => sampler.Next(logits)).Distinct());
        Assert.Equal(0, sampler.Generated);
    }

    [Fact]
    public void A_seed_not_given_is_drawn_and_reported()
    {
        float[][] logits = [.. Enumerable.Range(0, 30).Select(i => Toy.Logits(50, i))];
        Sampler sampler = new(new(), 50);
        Assert.NotEqual(sampler.Seed, new Sampler(new(), 50).Seed);
        Assert.Equal(Text(sampler, logits), Text(new Sampler(new() { Seed = sampler.Seed }, 50), logits));
    }

    [Theory]
    [InlineData(0f, 40)]
    [InlineData(0.8f, 1)]
    public void Greedy_takes_the_greatest_and_of_equal_ones_the_lowest_id(float temperature, int k)
    {
        SamplingOptions options = new() { Temperature = temperature, TopK = k };
        Assert.Equal(1, new Sampler(options, 5).Next([1, 7, 3, 7, 7]));
        Assert.Equal(1, new Sampler(options with { PresencePenalty = 1 }, 5).Next([1, 7, 3, 7, 7]));
        Assert.Equal(0, new Sampler(options, 5).Next([2, float.NegativeInfinity, 2, 1, 1]));
    }

    [Fact]
    public void Greedy_still_heeds_penalties_bias_and_mask()
    {
        Sampler sampler = new(SamplingOptions.Greedy with { PresencePenalty = 5, LogitBias = new Dictionary<int, float> { [3] = 0.5f } }, 4);
        sampler.Observe([0]);
        Assert.Equal(3, sampler.Next([9, 5, 4, 5]));
        TokenMask mask = new(4) { [2] = true, [0] = true };
        Assert.Equal(0, sampler.Next([9.5f, 5, 4, 5], mask));
        Assert.Equal(2, sampler.Next([8.5f, 5, 4, 5], mask));
    }

    [Fact]
    public void A_mask_acts_before_every_step()
    {
        float[] logits = Toy.Logits(200, 65);
        TokenMask mask = new(200);
        for (int id = 3; id < 200; id += 7)
            mask[id] = true;

        Sampler sampler = new(new() { Seed = 1, TopK = 5, TopP = 1, MinP = 0, Temperature = 1 }, 200);
        double[] p = Toy.Spread(sampler.Shape(logits, mask), 200);
        Toy.AssertClose(Toy.Restricted(logits, Toy.Ranked(logits).Where(id => mask[id]).Take(5)), p);
    }

    private static int Inverse(float[] logits, double draw)
    {
        double[] p = Toy.Softmax([.. logits.Select(x => (double)x)]);
        int id = 0;
        for (; draw >= p[id]; id++)
            draw -= p[id];
        return id;
    }

    private static int[] Counts(Sampler sampler, float[] logits, int draws)
    {
        int[] counts = new int[logits.Length];
        for (int i = 0; i < draws; i++)
            counts[Step(sampler, logits)]++;
        return counts;
    }

    private static int[] Text(Sampler sampler, float[][] logits) => [.. logits.Select(x => Step(sampler, x))];

    private static int Step(Sampler sampler, float[] logits)
    {
        int token = sampler.Next(logits);
        sampler.Accept(token);
        return token;
    }
}
