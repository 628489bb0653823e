namespace Thimble.Compute.Kernels;

/// <summary>What a choice between ways of multiplying depends on.</summary>
/// <param name="Format">The weight's format, by name.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Threads">Threads that share the work.</param>
internal readonly record struct ProductShape(string Format, int Rows, int Columns, int Threads);

/// <summary>From which numbers of tokens on the second and the third of three ways are the fastest.</summary>
/// <param name="Second">M₁: the least number of tokens for which the second way beats the first.</param>
/// <param name="Third">M₂: the least number of tokens, not below M₁, for which the third way beats the second.</param>
internal readonly record struct Crossings(int Second, int Third)
{
    /// <summary>Which way, 0 to 2, takes so many tokens.</summary>
    public int WayFor(int tokens) => tokens < Second ? 0 : tokens < Third ? 1 : 2;
}

/// <summary>Ways ready to be tried.</summary>
internal interface ITrial : IDisposable
{
    /// <summary>How many there are.</summary>
    int Ways { get; }

    /// <summary>Runs a way once and says how long it took.</summary>
    double Seconds(int way);
}

/// <summary>Choices measured on this machine when a shape is first met, and remembered. They may change time, never a result's bits.</summary>
/// <remarks>Source: Hong et al., "FlashDecoding++: Faster Large Language Model Inference on GPUs", 2024, section 5, whose table is
/// made offline; a machine's first use of a shape is early enough, and no file can go out of date.</remarks>
internal sealed class Dataflow
{
    /// <summary>Rounds in which every way takes its turn; the best of each counts, since other work only ever adds time.</summary>
    private const int Rounds = 5;

    private readonly Dictionary<ProductShape, int> _ways = [];
    private readonly Dictionary<ProductShape, Crossings> _crossings = [];
    private readonly Lock _lock = new();

    /// <summary>The fastest of some ways.</summary>
    /// <param name="shape">What for.</param>
    /// <param name="open">Makes the ways ready to be tried; asked only when the shape is new, and disposed after.</param>
    /// <returns>The way, in [0, <see cref="ITrial.Ways"/>); the first of those as fast.</returns>
    public int Fastest(in ProductShape shape, Func<ITrial> open)
    {
        // Measured under the lock: two that measure at once would measure each other.
        lock (_lock)
        {
            if (_ways.TryGetValue(shape, out int way))
                return way;

            using ITrial trial = open();
            return _ways[shape] = Fastest(trial.Ways, trial.Seconds);
        }
    }

    /// <summary>Where the second and the third of three ways become the fastest.</summary>
    /// <param name="shape">What for.</param>
    /// <param name="tokens">Numbers of tokens to try, rising.</param>
    /// <param name="seconds">Runs a way with a number of tokens once and says how long it took.</param>
    /// <returns>Numbers out of <paramref name="tokens"/>, or <see cref="int.MaxValue"/> where a way is never the faster.</returns>
    public Crossings Cross(in ProductShape shape, ReadOnlySpan<int> tokens, Func<int, int, double> seconds)
    {
        lock (_lock)
        {
            if (_crossings.TryGetValue(shape, out Crossings crossings))
                return crossings;

            int second = int.MaxValue, third = int.MaxValue;
            foreach (int count in tokens)
            {
                if (second == int.MaxValue && Fastest(2, way => seconds(way, count)) == 1)
                    second = count;
                if (second < int.MaxValue && Fastest(2, way => seconds(way + 1, count)) == 1)
                {
                    third = count;
                    break;
                }
            }

            return _crossings[shape] = new(second, third);
        }
    }

    private static int Fastest(int ways, Func<int, double> seconds)
    {
        Span<double> best = stackalloc double[ways];
        best.Fill(double.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            for (int way = 0; way < ways; way++)
                best[way] = Math.Min(best[way], seconds(way));
        }

        int fastest = 0;
        for (int way = 1; way < ways; way++)
        {
            if (best[way] < best[fastest])
                fastest = way;
        }

        return fastest;
    }
}
