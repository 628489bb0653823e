using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public class RooflineTests
{
    [Fact]
    public void Time_is_the_longest_of_arithmetic_memory_and_messages()
    {
        Device device = new("d") { MemoryBytesPerSecond = 10, LinkBytesPerSecond = 1, OperationsPerSecond = new Dictionary<string, double> { [Device.F16] = 100 } };
        var target = new TableTarget(device);
        Operation operation = new("x", "w") { IsProduct = true, Operations = 200, WeightBytes = 10 };
        Assert.Equal((2, "compute"), Of(operation));
        Assert.Equal((5, "memory"), Of(operation with { WeightBytes = 50 }));
        Assert.Equal((2, "compute"), Of(operation with { WeightBytes = 20 }));
        Assert.Equal("message", Of(operation with { Collective = new(Collectives.Pass, 2, 100) }).Bound);

        (double Seconds, string Bound) Of(Operation one)
        {
            OperationTime time = Assert.Single(Roofline.Of([one], target).Times);
            return (time.Seconds, time.Bound);
        }
    }

    [Fact]
    public void Weights_that_fit_a_cache_come_from_it()
    {
        var target = new MeasuredTarget(MachineTests.Made, 1);
        Operation small = new("x", "Q8_0") { IsProduct = true, Rows = 1, Operations = 1, WeightBytes = 0.5e6, Forks = 0 };
        OperationTime near = Roofline.Of([small], target).Times[0], far = Roofline.Of([small with { WeightBytes = 5e6 }], target).Times[0];
        Assert.Equal("L2", near.Bound);
        Assert.Equal(0.5e6 / 100e9, near.Seconds, 15);
        Assert.Equal("memory", far.Bound);
        Assert.Equal(5e6 / 10e9, far.Seconds, 15);
    }

    [Fact]
    public void Between_two_levels_both_give_their_part()
    {
        var target = new MeasuredTarget(MachineTests.Made, 1);
        Operation middle = new("x", "Q8_0") { IsProduct = true, Rows = 1, Operations = 1, WeightBytes = 1.05e6, Forks = 0 };
        Assert.InRange(Roofline.Of([middle], target).Seconds, 1.05e6 / 100e9, 1.05e6 / 10e9);
    }

    [Fact]
    public void An_efficiency_makes_a_kernel_slower_and_no_other()
    {
        Operation one = new("x", "Q8_0") { IsProduct = true, Rows = 1, Operations = 1e9 };
        var whole = new MeasuredTarget(MachineTests.Made, 1);
        var half = new MeasuredTarget(MachineTests.Made with { Efficiencies = [new("Q8_0", "compute", 0.5)] }, 1);
        Assert.Equal(2 * Roofline.Of([one], whole).Seconds, Roofline.Of([one], half).Seconds, 12);
        Assert.Equal(Roofline.Of([one with { Kernel = "Q4_0" }], whole).Seconds, Roofline.Of([one with { Kernel = "Q4_0" }], half).Seconds);
    }

    [Fact]
    public void Two_threads_share_the_work_and_pay_for_meeting()
    {
        Operation one = new("x", "Q8_0") { IsProduct = true, Rows = 1, Operations = 1e9 };
        double alone = Roofline.Of([one], new MeasuredTarget(MachineTests.Made, 1)).Seconds, both = Roofline.Of([one], new MeasuredTarget(MachineTests.Made, 2)).Seconds;
        Assert.Equal((alone / 2) + 1e-6, both, 12);
    }
}
