using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative;

public class PassCostTests
{
    [Fact]
    public void Widths_between_measured_ones_lie_between_them()
    {
        var cost = new PassCost();
        Assert.False(cost.IsKnown);
        for (int i = 0; i < 50; i++)
        {
            cost.Take(1, 0.010);
            cost.Take(9, 0.018);
        }

        Assert.Equal(0.010, cost.Of(1), 6);
        Assert.Equal(0.014, cost.Of(5), 6);
        Assert.Equal(0.026, cost.Of(17), 6);
        Assert.Equal((true, false), (cost.Knows(9), cost.Knows(30)));
    }

    [Fact]
    public void One_interrupted_run_moves_it_little()
    {
        var cost = new PassCost();
        cost.Take(1, 0.010);
        cost.Take(1, 10);
        Assert.InRange(cost.Of(1), 0.010, 0.014);
    }

    [Fact]
    public void A_wider_run_is_never_taken_to_be_shorter()
    {
        var cost = new PassCost();
        cost.Take(1, 0.010);
        cost.Take(4, 0.008);
        for (int rows = 1; rows < 200; rows++)
            Assert.True(cost.Of(rows + 1) >= cost.Of(rows) || rows < 4);
    }
}
