using Thimble.Compute.Simd;

namespace Thimble.Tests.Compute;

/// <summary>Runs a kernel on every register this machine has, in one process.</summary>
internal static class EveryLane
{
    public delegate TKernel Making<TKernel>(Span<float> y)
        where TKernel : IKernel, allows ref struct;

    /// <summary>Every register's outcome, the scalar one first.</summary>
    public static List<float[]> Outcomes<TKernel>(int length, Making<TKernel> make)
        where TKernel : IKernel, allows ref struct
    {
        List<float[]> outcomes = [];
        Run<Scalar, TKernel>(length, make, outcomes);
        Run<V128, TKernel>(length, make, outcomes);
        Run<V256, TKernel>(length, make, outcomes);
        Run<V512, TKernel>(length, make, outcomes);
        return outcomes;
    }

    /// <summary>Asserts that all registers agree within a relative error.</summary>
    public static float[] Agree<TKernel>(int length, double tolerance, Making<TKernel> make)
        where TKernel : IKernel, allows ref struct
    {
        List<float[]> outcomes = Outcomes(length, make);
        foreach (float[] outcome in outcomes)
            Close(outcomes[0], outcome, tolerance);
        return outcomes[0];
    }

    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> got, double tolerance)
    {
        Assert.Equal(expected.Length, got.Length);
        double scale = 1e-30;
        foreach (float value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs((double)expected[i] - got[i]) <= tolerance * scale))
                Assert.Fail($"At {i} of {expected.Length}: expected {expected[i]}, got {got[i]}.");
        }
    }

    public static float[] Random(int length, int seed, float scale = 1)
    {
        var random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = scale * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        return values;
    }

    private static void Run<TLane, TKernel>(int length, Making<TKernel> make, List<float[]> outcomes)
        where TLane : unmanaged, ILane<TLane>
        where TKernel : IKernel, allows ref struct
    {
        if (!TLane.IsSupported)
            return;
        float[] y = new float[length];
        make(y).Run<TLane>();
        outcomes.Add(y);
    }
}
