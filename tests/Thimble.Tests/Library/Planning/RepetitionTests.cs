using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public class RepetitionTests
{
    [Fact]
    public void Quiet_measurements_are_taken_as_often_as_asked()
    {
        var repetition = new Repetition(5, 40, 40);
        int taken = 0;
        Assert.Equal(100, repetition.Rate("x", () => 100 + (0 * taken++)));
        Assert.Equal((5, 0, 0), (taken, repetition.Repeated, repetition.Noisy.Count));
    }

    [Fact]
    public void Noisy_ones_are_taken_again_until_they_agree()
    {
        var repetition = new Repetition(5, 40, 40);
        double[] rates = [10, 100, 20, 30, 40, 99, 98, 97, 96, 95, 94];
        int taken = 0;
        Assert.InRange(repetition.Rate("x", () => rates[taken++]), 95, 100);
        Assert.InRange(taken, 6, rates.Length);
        Assert.Equal((1, 0), (repetition.Repeated, repetition.Noisy.Count));
    }

    [Fact]
    public void What_never_agrees_is_named_and_ends()
    {
        var repetition = new Repetition(3, 12, 40);
        int taken = 0;
        repetition.Rate("disk", () => Math.Pow(2, taken++));
        Assert.Equal(12, taken);
        Assert.Equal("disk", Assert.Single(repetition.Noisy));
        Assert.True(repetition.Spread > 0.5);
    }

    [Fact]
    public void Without_patience_nothing_is_taken_again()
    {
        int taken = 0;
        new Repetition(3, 12, 0).Rate("x", () => Math.Pow(2, taken++));
        Assert.Equal(3, taken);
    }
}
