using Thimble.Compute.Kernels;

namespace Thimble.Tests.Compute.Kernels;

public class DataflowTests
{
    private static readonly ProductShape s_shape = new("Q4_0", 64, 64, 1);

    [Fact]
    public void The_fastest_way_is_measured_once_and_remembered()
    {
        var flow = new Dataflow();
        var trial = new Clock([3, 1, 2]);
        Assert.Equal(1, flow.Fastest(s_shape, () => trial));
        Assert.True(trial.IsDisposed);
        Assert.Equal(1, flow.Fastest(s_shape, () => throw new InvalidOperationException("It was measured again.")));
        Assert.Equal(0, flow.Fastest(s_shape with { Rows = 128 }, () => new Clock([1, 1])));
    }

    [Fact]
    public void Crossings_follow_what_is_measured()
    {
        // Times are a start and a slope: the second way overtakes at 4 tokens, the third at 32.
        Crossings crossings = new Dataflow().Cross(s_shape, [1, 2, 4, 8, 16, 32, 64], (way, tokens) => way switch { 0 => 4 * tokens, 1 => 9 + tokens, _ => 30 + (0.3 * tokens) });
        Assert.Equal(new Crossings(4, 32), crossings);
        Assert.Equal([0, 0, 1, 1, 2], new[] { 1, 3, 4, 31, 32 }.Select(crossings.WayFor));
        Assert.Equal(new Crossings(int.MaxValue, int.MaxValue), new Dataflow().Cross(s_shape, [1, 64], (way, _) => way));
        Assert.Equal(new Crossings(1, 1), new Dataflow().Cross(s_shape, [1, 64], (way, _) => -way));
    }

    private sealed class Clock(double[] seconds) : ITrial
    {
        public bool IsDisposed { get; private set; }

        public int Ways => seconds.Length;

        public double Seconds(int way) => seconds[way];

        public void Dispose() => IsDisposed = true;
    }
}
