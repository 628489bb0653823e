using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training.Reading;

/// <summary>Work on all cores in order.</summary>
public class OrderedWorkTests
{
    [Fact]
    public void Outcomes_come_in_order() =>
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => i * i), OrderedWork.Select(Enumerable.Range(0, 1500), i => i * i));

    [Fact]
    public void The_first_fault_is_thrown_behind_what_came_before_it()
    {
        List<int> got = [];
        FormatException fault = Assert.Throws<FormatException>(() => got.AddRange(OrderedWork.Select(Enumerable.Range(0, 900), i => i is 700 or 720 ? throw new FormatException($"{i}") : i)));
        Assert.Equal("700", fault.Message);
    }
}
