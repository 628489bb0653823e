using Thimble.Models.Blocks;

namespace Thimble.Tests.Models.Blocks;

public class AttentionTemperatureTests
{
    [Fact]
    public void Queries_grow_with_every_full_length()
    {
        var temperature = new AttentionTemperature(0.1f, Length: 100, Offset: 1);
        Assert.Equal(1, temperature.At(0));
        Assert.Equal(1, temperature.At(98));
        Assert.Equal(1 + (0.1 * Math.Log(2)), temperature.At(99), 1e-6);
        Assert.Equal(1 + (0.1 * Math.Log(11)), temperature.At(1001), 1e-6);
    }
}
