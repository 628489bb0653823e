using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class MatrixScanTests
{
    [Theory]
    [InlineData(1, 1, 4, false)]
    [InlineData(16, 16, 6, true)]
    [InlineData(7, 37, 5, true)]
    [InlineData(33, 20, 8, false)]
    [InlineData(64, 64, 20, true)]
    public void It_is_the_formula_on_every_register(int keys, int values, int tokens, bool removes)
    {
        var operands = new Operands(keys, values, tokens, removes);
        (double[] y, double[] _) = operands.Recurrent();
        foreach (float[] outcome in Outcomes(operands.Length, y => operands.Kernel(y, 0, tokens, 0, values)))
            Close([.. y.Select(v => (float)v)], outcome.AsSpan(keys * values), 3e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokens_and_values_in_portions_give_the_same_bits(bool removes)
    {
        var operands = new Operands(20, 40, 9, removes);
        float[] whole = new float[operands.Length], parts = new float[operands.Length];
        Lanes.Best(operands.Kernel(whole, 0, 9, 0, 40));
        foreach ((int token, int count, int first, int end) in new[] { (0, 4, 16, 40), (0, 1, 0, 16), (4, 5, 16, 40), (1, 8, 0, 16) })
            Lanes.Best(operands.Kernel(parts, token, count, first, end));
        Assert.Equal(whole, parts);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public void The_delta_rule_is_its_chunked_form(int chunk)
    {
        var operands = new Operands(16, 24, 64, removes: true);
        float[] outcome = new float[operands.Length];
        Lanes.Best(operands.Kernel(outcome, 0, 64, 0, 24));
        Close([.. operands.Chunked(chunk).Select(v => (float)v)], outcome.AsSpan(16 * 24), 1e-5);
    }

    private sealed class Operands
    {
        private readonly int _keys, _values, _tokens;
        private readonly bool _removes;
        private readonly float[] _mixed, _rates;

        public Operands(int keys, int values, int tokens, bool removes)
        {
            (_keys, _values, _tokens, _removes) = (keys, values, tokens, removes);
            _mixed = Random(tokens * Width, 1);
            _rates = [.. Random(2 * tokens, 2).Select(v => 1 / (1 + MathF.Exp(-v)))];
            for (int t = 0; t < tokens; t++)
            {
                Span<float> key = _mixed.AsSpan((t * Width) + _keys, _keys);
                Lanes.Best(new UnitLength(key, 1, 1e-6f, key));
            }
        }

        public int Length => (_keys * _values) + (_tokens * _values);

        private int Width => (2 * _keys) + _values;

        public MatrixScan Kernel(Span<float> y, int token, int count, int first, int end) => new()
        {
            State = y[..(_keys * _values)],
            Mixed = new Matrix(_mixed, Width).Part(token, count),
            Columns = (0, _keys, 2 * _keys),
            Keys = _keys,
            Values = (first, end),
            Rates = new Matrix(_rates, 2).Part(token, count),
            Rate = (0, 1),
            Output = new Matrix(y[(_keys * _values)..], _values).Part(token, count),
            OutputColumn = 0,
            Skip = 0.25f,
            Removes = _removes,
        };

        /// <summary>Token by token.</summary>
        public (double[] Y, double[] State) Recurrent()
        {
            double[] state = new double[_keys * _values], y = new double[_tokens * _values];
            for (int t = 0; t < _tokens; t++)
            {
                for (int j = 0; j < _values; j++)
                {
                    double a = Decay(t), held = _removes ? Enumerable.Range(0, _keys).Sum(i => K(t, i) * a * state[(i * _values) + j]) : 0;
                    double u = Write(t) * (V(t, j) - held), sum = 0.25 * V(t, j);
                    for (int i = 0; i < _keys; i++)
                    {
                        ref double s = ref state[(i * _values) + j];
                        s = (a * s) + (K(t, i) * u);
                        sum += s * Q(t, i);
                    }

                    y[(t * _values) + j] = sum;
                }
            }

            return (y, state);
        }

        /// <summary>A chunk at a time: what each token writes solves a triangular system, and the rest is products of matrices.</summary>
        /// <remarks>Source: Yang et al., "Gated Delta Networks", 2025, section 3.3.</remarks>
        public double[] Chunked(int chunk)
        {
            double[] state = new double[_keys * _values], y = new double[_tokens * _values];
            for (int first = 0; first < _tokens; first += chunk)
            {
                double[] kept = new double[chunk];   // from the chunk's beginning to each token
                for (int t = 0; t < chunk; t++)
                    kept[t] = (t == 0 ? 1 : kept[t - 1]) * Decay(first + t);
                for (int j = 0; j < _values; j++)
                    Column(state, y, kept, first, j);
            }

            return y;
        }

        private void Column(double[] state, double[] y, double[] kept, int first, int j)
        {
            double[] u = new double[kept.Length];
            for (int t = 0; t < u.Length; t++)
            {
                double held = kept[t] * Dot(i => K(first + t, i) * state[(i * _values) + j]), own = 0;
                for (int s = 0; s < t; s++)
                    held += kept[t] / kept[s] * Dot(i => K(first + t, i) * K(first + s, i)) * u[s];
                u[t] = Write(first + t) * (V(first + t, j) - held);
                for (int s = 0; s <= t; s++)
                    own += kept[t] / kept[s] * Dot(i => Q(first + t, i) * K(first + s, i)) * u[s];
                y[((first + t) * _values) + j] = own + (0.25 * V(first + t, j)) + (kept[t] * Dot(i => Q(first + t, i) * state[(i * _values) + j]));
            }

            for (int i = 0; i < _keys; i++)
                state[(i * _values) + j] = (kept[^1] * state[(i * _values) + j]) + Enumerable.Range(0, u.Length).Sum(s => kept[^1] / kept[s] * K(first + s, i) * u[s]);
        }

        private double Dot(Func<int, double> term) => Enumerable.Range(0, _keys).Sum(term);

        private double Q(int t, int i) => _mixed[(t * Width) + i];

        private double K(int t, int i) => _mixed[(t * Width) + _keys + i];

        private double V(int t, int j) => _mixed[(t * Width) + (2 * _keys) + j];

        private double Decay(int t) => _rates[2 * t];

        private double Write(int t) => _rates[(2 * t) + 1];
    }
}
