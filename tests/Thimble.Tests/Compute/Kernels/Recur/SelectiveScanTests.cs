using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class SelectiveScanTests
{
    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(16, 16, 9)]
    [InlineData(45, 7, 5)]
    [InlineData(128, 16, 1)]
    public void It_is_the_formula_on_every_register(int channels, int states, int tokens)
    {
        var operands = new Operands(channels, states, tokens);
        float[] expected = operands.Expected();
        foreach (float[] outcome in Outcomes(expected.Length, y => operands.Kernel(y, 0, tokens, 0, channels)))
            Close(expected, outcome, 2e-6);
    }

    [Fact]
    public void Tokens_and_channels_in_portions_are_all_at_once()
    {
        var operands = new Operands(45, 16, 12);
        foreach ((float[] whole, float[] first) in Outcomes(operands.Length, y => operands.Kernel(y, 0, 12, 0, 45)).Zip(Outcomes(operands.Length, y => operands.Kernel(y, 0, 5, 0, 45))))
        {
            float[] parts = [.. first];
            foreach ((int from, int to) in new[] { (16, 32), (0, 16), (32, 45) })
                operands.Kernel(parts, 5, 7, from, to).Run<Thimble.Compute.Simd.V128>();
            Close(whole, parts, 2e-6);
        }
    }

    [Fact]
    public void What_lies_in_tiles_is_all_there_is()
    {
        float[] values = [.. Enumerable.Range(0, 45 * 3).Select(i => (float)i)];
        float[] tiled = SelectiveScan.Tiled(values, 45);
        Assert.Equal(values, tiled.Order());
        Assert.Equal([0, 3, 6], tiled[..3]);          // three channels' first numbers
        Assert.Equal(16 * 3, (int)tiled[16 * 3]);     // the second tile
    }

    private sealed record Operands(int Channels, int States, int Tokens)
    {
        private readonly float[] _x = Random(Tokens * Channels, 1), _b = Random(Tokens * ((2 * States) + 3), 2), _skip = Random(Channels, 3);
        private readonly float[] _steps = [.. Random(Tokens * Channels, 4).Select(Math.Abs)], _a = [.. Random(Channels * States, 5).Select(v => -Math.Abs(v))];

        public int Length => (Channels * States) + (Tokens * Channels);

        public SelectiveScan Kernel(Span<float> y, int first, int count, int from, int to) => new()
        {
            Input = new Matrix(_x, Channels).Part(first, count),
            Steps = new Matrix(_steps, Channels).Part(first, count),
            Mixes = new Matrix(_b, (2 * States) + 3).Part(first, count),
            Columns = (3, 3 + States),
            Decay = SelectiveScan.Tiled(_a, Channels),
            Skip = _skip,
            State = y[..(Channels * States)],
            Output = new Matrix(y[(Channels * States)..], Channels).Part(first, count),
            Channels = (from, to),
        };

        public float[] Expected()
        {
            double[] state = new double[Channels * States];
            float[] y = new float[Tokens * Channels];
            for (int i = 0; i < y.Length; i++)
            {
                int c = i % Channels, row = i / Channels * ((2 * States) + 3);
                double sum = (double)_skip[c] * _x[i];
                for (int n = 0; n < States; n++)
                {
                    ref double s = ref state[(c * States) + n];
                    s = (s * Math.Exp((double)_steps[i] * _a[(c * States) + n])) + ((double)_steps[i] * _x[i] * _b[row + 3 + n]);
                    sum += s * _b[row + 3 + States + n];
                }

                y[i] = (float)sum;
            }

            return [.. SelectiveScan.Tiled([.. state.Select(s => (float)s)], Channels), .. y];
        }
    }
}
