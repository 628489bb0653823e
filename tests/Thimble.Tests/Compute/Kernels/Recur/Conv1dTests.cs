using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class Conv1dTests
{
    [Theory]
    [InlineData(1, 1, 5)]
    [InlineData(16, 4, 3)]
    [InlineData(33, 3, 7)]
    [InlineData(70, 8, 1)]
    public void It_is_the_formula_on_every_register(int channels, int taps, int rows)
    {
        float[] x = Random((rows + taps - 1) * channels, 1), w = Random(taps * channels, 2), bias = Random(channels, 3);
        float[] expected = [.. Enumerable.Range(0, rows * channels).Select(i =>
            (float)(bias[i % channels] + Enumerable.Range(0, taps).Sum(j => (double)w[(j * channels) + (i % channels)] * x[i + (j * channels)])))];
        foreach (float[] y in Outcomes(expected.Length, y => new Conv1d(new(x, channels), w, bias, new(y, channels))))
            Close(expected, y, 1e-6);
    }

    [Fact]
    public void Rows_in_portions_are_rows_at_once()
    {
        const int channels = 37, taps = 4;
        float[] x = Random((9 + taps - 1) * channels, 4), w = Random(taps * channels, 5);
        float[] whole = Agree(9 * channels, 1e-6, y => new Conv1d(new(x, channels), w, [], new(y, channels)));
        float[] part = Agree(4 * channels, 1e-6, y => new Conv1d(new Matrix(x, channels).Part(5, 4 + taps - 1), w, [], new(y, channels)));
        Assert.Equal(whole[(5 * channels)..], part);
    }

    [Fact]
    public void Where_a_channel_stands_cannot_be_seen()
    {
        float[] x = [.. Enumerable.Repeat(Random(6, 6), 41).SelectMany((row, _) => row)], columns = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
            columns[(i % 6 * 41) + (i / 6)] = x[i];   // 6 rows of 41 equal channels
        float[] w = [.. new[] { 0.3f, -0.7f, 1.1f }.SelectMany(tap => Enumerable.Repeat(tap, 41))];
        foreach (float[] y in Outcomes(4 * 41, y => new Conv1d(new(columns, 41), w, [], new(y, 41))))
            Assert.All(y.Chunk(41), row => Assert.Single(row.Distinct()));
    }
}
