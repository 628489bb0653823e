using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training.ZerothOrder;

/// <summary>Noise that is a function of its place.</summary>
public class CounterNoiseTests
{
    [Fact]
    public void It_is_normal()
    {
        float[] values = new float[1 << 20];
        new CounterNoise(7, 3).Fill(0, values);
        double mean = values.Average(value => (double)value), second = values.Average(value => Math.Pow(value, 2)), fourth = values.Average(value => Math.Pow(value, 4));
        Assert.InRange(mean, -0.004, 0.004);
        Assert.InRange(second, 0.995, 1.005);
        Assert.InRange(fourth, 2.95, 3.05);
        Assert.InRange(values.Count(value => Math.Abs(value) > 1.959964) / (double)values.Length, 0.049, 0.051);
    }

    [Fact]
    public void Any_stretch_is_the_same_as_of_the_whole()
    {
        float[] whole = new float[200];
        var noise = new CounterNoise(11, 0);
        noise.Fill(0, whole);
        for (int first = 0; first < 20; first++)
        {
            for (int count = 0; count < 20; count++)
            {
                float[] part = new float[count];
                noise.Fill(first, part);
                Assert.Equal(whole[first..(first + count)], part);
            }
        }
    }

    [Fact]
    public void Seeds_and_tensors_have_nothing_to_do_with_one_another()
    {
        float[][] all = [.. new (uint, uint)[] { (1, 0), (1, 1), (2, 0), (2, 1) }.Select(pair => Values(pair.Item1, pair.Item2))];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.InRange(all[i].Zip(all[j]).Average(pair => (double)pair.First * pair.Second), -0.02, 0.02);
        }
    }

    [Fact]
    public void Its_bits_are_the_same_on_every_machine() =>
        Assert.Equal([0x3EC48C00u, 0xBF55BE00u], Values(1, 2)[..2].Select(BitConverter.SingleToUInt32Bits));

    private static float[] Values(uint seed, uint tensor)
    {
        float[] values = new float[1 << 16];
        new CounterNoise(seed, tensor).Fill(0, values);
        return values;
    }
}
