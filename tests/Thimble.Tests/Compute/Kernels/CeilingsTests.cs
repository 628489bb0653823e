using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute;

public class CeilingsTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Every_ceiling_is_a_speed(int threads)
    {
        using var team = new Team(threads);
        using var memory = new Allocation(4 << 20);
        foreach (double speed in (double[])[Ceilings.Read(team, memory, 1), Ceilings.Floats(team, 1), Ceilings.Bytes(team, 1)])
            Assert.True(double.IsFinite(speed) && speed > 0);
    }

    [Fact]
    public void Work_is_counted_by_what_a_register_holds()
    {
        Assert.Equal(1000L * 12 * Ceilings.FloatLanes, FloatMultiplyAdds.Count(1000));
        Assert.Equal(2 * ByteMultiplyAdds.Count(500), ByteMultiplyAdds.Count(1000));
    }
}
