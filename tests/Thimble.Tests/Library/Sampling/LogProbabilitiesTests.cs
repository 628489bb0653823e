using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class LogProbabilitiesTests
{
    [Fact]
    public void They_are_the_logarithms_of_the_softmax()
    {
        float[] logits = Toy.Logits(500, 81);
        double[] p = Toy.Softmax([.. logits.Select(x => (double)x)]);
        LogProbabilities all = new(logits);
        for (int i = 0; i < logits.Length; i++)
            Assert.Equal(Math.Log(p[i]), all[i], 1e-5);
    }

    [Fact]
    public void The_likeliest_come_in_order()
    {
        float[] logits = Toy.Logits(500, 82);
        var top = new TokenLogProbability[20];
        Assert.Equal(20, new LogProbabilities(logits).Top(top));
        Assert.Equal(Toy.Ranked(logits).Take(20), top.Select(x => x.Id));
        Assert.All(top, x => Assert.Equal(new LogProbabilities([.. Toy.Logits(500, 82)])[x.Id], x.LogProbability));
    }

    [Fact]
    public void Of_equal_ones_the_lowest_id_comes_first_and_a_small_vocabulary_gives_fewer()
    {
        var top = new TokenLogProbability[5];
        Assert.Equal(3, new LogProbabilities([1, 2, 1]).Top(top));
        Assert.Equal([1, 0, 2], top.Take(3).Select(x => x.Id));
        Assert.Equal(2, new LogProbabilities([1, 1, 1]).Top(top.AsSpan(0, 2)));
        Assert.Equal([0, 1], top.Take(2).Select(x => x.Id));
        Assert.Equal(0, new LogProbabilities([1, 1, 1]).Top([]));
    }

    [Fact]
    public void A_token_without_a_chance_has_minus_infinity() =>
        Assert.Equal(float.NegativeInfinity, new LogProbabilities([float.NegativeInfinity, 0])[0]);

    [Fact]
    public void Logits_without_a_distribution_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _ = new LogProbabilities([float.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => _ = new LogProbabilities([1, float.NaN]));
    }
}
