using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training;

/// <summary>Optimisers on a bowl, and against their formulas.</summary>
public class OptimiserTests
{
    public static TheoryData<string> Known => [.. Optimisers.Known];

    [Theory]
    [MemberData(nameof(Known))]
    public void Every_optimiser_finds_the_bottom_of_a_bowl(string name)
    {
        var optimiser = Optimisers.Named(new OptimiserOptions { Name = name });
        const int rows = 4, columns = 6;
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(i => MathF.Sin(i))], memory = new float[values.Length * optimiser.Slots];
        float before = values.Sum(value => value * value);
        for (int step = 1; step <= 300; step++)
        {
            float[] gradient = [.. values];
            optimiser.Move(new OptimiserStep(step, 0.05f * (301 - step) / 300, 0, rows), values, gradient, memory);
        }

        Assert.InRange(values.Sum(value => value * value), 0, 0.1f * before);
    }

    [Fact]
    public void The_first_step_of_AdamW_is_the_rate_along_the_sign()
    {
        var optimiser = Optimisers.Named(new OptimiserOptions { Name = "adamw" });
        float[] values = [1, 1, 1];
        optimiser.Move(new OptimiserStep(1, 0.1f, 0.5f, 1), values, [3, -2, 0], new float[6]);
        Assert.Equal([0.85f, 1.05f, 0.95f], values.Select(value => MathF.Round(value, 4)));
    }

    [Fact]
    public void An_unknown_optimiser_is_refused_with_those_known()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Optimisers.Named(new OptimiserOptions { Name = "sophia" }));
        Assert.Contains("'sophia' is unknown; known: adamw, lion", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("constant", 1, 1)]
    [InlineData("linear", 0.55f, 0.1f)]
    [InlineData("cosine", 0.55f, 0.1f)]
    [InlineData("wsd", 1, 0.1f)]
    public void Rates_rise_and_fall_as_their_shape_says(string shape, float half, float end)
    {
        var schedule = new Schedule { Shape = shape, WarmUp = 10 };
        Assert.Equal(0.5f, schedule.At(5, 110), 5);
        Assert.Equal(half, schedule.At(60, 110), 5);
        Assert.Equal(end, schedule.At(110, 110), 5);
    }
}
