using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class TemperatureTests
{
    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.8f)]
    [InlineData(1f)]
    [InlineData(5f)]
    public void Divides_the_logits(float temperature)
    {
        float[] logits = Toy.Logits(30, 21);
        double[] expected = Toy.Softmax([.. logits.Select(x => (double)x / temperature)]);
        Toy.AssertClose(expected, Toy.Distribution(Toy.Plain with { Temperature = temperature }, logits));
    }

    [Theory]
    [InlineData(0.3f, 1f)]
    [InlineData(0.9f, 0.5f)]
    [InlineData(2f, 2f)]
    public void Dynamic_temperature_follows_the_entropy(float range, float exponent)
    {
        float[] logits = Toy.Logits(30, 22);
        double[] p = Toy.Softmax([.. logits.Select(x => (double)x)]);
        double doubt = -p.Sum(x => x * Math.Log(x)) / Math.Log(30), low = Math.Max(0, 0.9f - range);
        double temperature = low + ((0.9f + range - low) * Math.Pow(doubt, exponent));

        SamplingOptions options = Toy.Plain with { Temperature = 0.9f, DynamicTemperature = new() { Range = range, Exponent = exponent } };
        Toy.AssertClose(Toy.Softmax([.. logits.Select(x => x / temperature)]), Toy.Distribution(options, logits), 2e-6);
    }

    [Fact]
    public void Even_the_coldest_temperature_leaves_the_likeliest()
    {
        double[] p = Toy.Distribution(Toy.Plain with { Temperature = float.Epsilon }, [1, 3, 2]);
        Assert.Equal([0, 1, 0], p);
    }

    [Fact]
    public void Equal_logits_stay_equal_at_any_temperature() =>
        Toy.AssertClose([0.5, 0.5], Toy.Distribution(Toy.Plain with { DynamicTemperature = new() { Range = 1 } }, [4, 4]));
}
