using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class IntervalTests
{
    // By hand: 5 of 10 gives 1/2 ± z·√(0.025 + z²/400)/(1 + z²/10).
    [Theory]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(250, 1000, 0.2242, 0.2778)]
    public void Wilson_gives_the_ends_known_by_hand(int hits, int count, double low, double high)
    {
        var found = Interval.Wilson(hits, count);
        Assert.Equal(low, found.Low, 0.0001);
        Assert.Equal(high, found.High, 0.0001);
    }

    [Fact]
    public void Resampling_agrees_with_the_normal_interval_of_many()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 4 / 3.0)];
        var found = Interval.Bootstrap(values.Length, drawn => drawn.Average(i => values[i]), seed: 3);
        double half = 1.96 * 0.3727 / Math.Sqrt(400);   // the deviation of 0, 1/3, 2/3, 1
        Assert.Equal(0.5 - half, found.Low, 0.01);
        Assert.Equal(0.5 + half, found.High, 0.01);
        Assert.Equal(found, Interval.Bootstrap(values.Length, drawn => drawn.Average(i => values[i]), seed: 3));
    }
}
