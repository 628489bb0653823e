using Thimble.Compute.Memory;
using Thimble.Models.States;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.SpecMemo;

public sealed class DraftBudgetTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("d32"));
    private readonly StatePool _states;

    public DraftBudgetTests() => _states = new(_desk.Decoder.States, 1 << 12, CellFormat.Named("F16"));

    public void Dispose()
    {
        _states.Dispose();
        _desk.Dispose();
    }

    [Fact]
    public void Trees_shrink_with_the_budget_and_take_what_was_planned()
    {
        var cost = new PassCost();
        var exact = new MemoryModel(_desk.Decoder, _states, _desk.Team);
        int before = int.MaxValue;
        foreach (long budget in (long[])[1 << 26, 3 << 20, 2 << 20, 1 << 20])
        {
            MemoryPlan plan = new DraftBudget(_desk.Decoder, _states, _desk.Team, cost).Plan(budget, _ => 300_000, heads: 5, leastHeads: 1);
            long taken = 300_000 + plan.Cache + exact.Scratch(plan.Nodes) - exact.Scratch(0);
            Assert.InRange(plan.Total, plan.Nodes, budget);
            Assert.InRange(plan.Total / (double)taken, 0.95, 1.05);
            Assert.True(plan.Nodes <= before || before < 64, $"{plan.Nodes} tokens with {budget} bytes, {before} with more");
            before = plan.Nodes;
        }

        Assert.True(cost.Knows(1) && cost.Knows(16));
    }

    [Fact]
    public void Heads_go_when_no_tree_fits_beside_all_of_them()
    {
        MemoryPlan plan = new DraftBudget(_desk.Decoder, _states, _desk.Team, new PassCost()).Plan(3_500_000, heads => heads * 1_000_000L, heads: 5, leastHeads: 2);
        Assert.InRange(plan.Heads, 2, 3);
        CapacityException refusal = Assert.Throws<CapacityException>(
            () => new DraftBudget(_desk.Decoder, _states, _desk.Team, new PassCost()).Plan(1_000_000, heads => heads * 1_000_000L, heads: 5, leastHeads: 2));
        Assert.InRange(refusal.Needed, 2_000_000, 2_999_999);
    }

    [Fact]
    public void A_step_gives_more_tokens_with_more_levels_and_wider_ones()
    {
        double[] tokens = [.. ((int[][])[[], [1], [2], [2, 1], [2, 2], [4, 4, 4]]).Select(DraftBudget.Tokens)];
        Assert.Equal(tokens.Order(), tokens);
        Assert.Equal(1, tokens[0]);
    }
}
