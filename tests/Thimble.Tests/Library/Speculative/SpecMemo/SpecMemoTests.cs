using Thimble.Speculative;
using Planner = Thimble.Speculative.SpecMemo;

namespace Thimble.Tests.Library.Speculative.SpecMemo;

/// <summary>A model of 8 MB in the best of three formats, heads of 1 MB, 10 KB for a token of a tree.</summary>
public class SpecMemoTests
{
    private const long Mega = 1_000_000;

    [Fact]
    public void Less_memory_takes_the_tree_then_the_heads_then_the_bits()
    {
        Planner planner = Planner_(nodes => nodes * 50_000L);
        List<(int Nodes, int Heads, string Format)> plans = [];
        for (long budget = 20 * Mega; budget > 3 * Mega; budget -= Mega / 4)
        {
            try
            {
                MemoryPlan plan = planner.Plan(budget);
                Assert.True(plan.Total <= budget);
                plans.Add((plan.Nodes, plan.Heads, plan.Format));
            }
            catch (CapacityException)
            {
                break;
            }
        }

        Assert.Equal((64, 5, "Q8_0"), plans[0]);
        Assert.Equal(plans.Select(plan => plan.Format).Distinct(), ["Q8_0", "Q5_0", "Q4_0"]);
        foreach (IGrouping<string, (int Nodes, int Heads, string Format)> format in plans.GroupBy(plan => plan.Format))
        {
            Assert.Equal(format.Select(plan => plan.Heads).OrderDescending(), format.Select(plan => plan.Heads));
            foreach (var heads in format.GroupBy(plan => plan.Heads))
                Assert.Equal(heads.Select(plan => plan.Nodes).OrderDescending(), heads.Select(plan => plan.Nodes));
        }
    }

    [Fact]
    public void A_machine_whose_runs_cost_by_the_row_gets_a_small_tree() =>
        Assert.InRange((Planner_(nodes => nodes * 10_000L, rowCost: 0.1)).Plan(40 * Mega).Nodes, 1, 20);

    [Fact]
    public void Where_no_tree_is_faster_the_plan_is_plain_decoding_in_the_best_format_that_fits()
    {
        Assert.Equal(("Q8_0", 0, 0), Of(Planner_(nodes => nodes * 10_000L, rowCost: 2).Plan(9 * Mega)));
        Assert.Equal(("Q5_0", 0, 0), Of(Planner_(nodes => nodes * 10_000L, rowCost: 2).Plan(7 * Mega)));
        static (string, int, int) Of(MemoryPlan plan) => (plan.Format, plan.Nodes, plan.Heads);
    }

    [Fact]
    public void A_budget_too_small_says_the_least()
    {
        CapacityException refusal = Assert.Throws<CapacityException>(() => Planner_(nodes => nodes * 10_000L).Plan(Mega));
        Assert.Contains($"at least {refusal.Needed} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.True(Planner_(nodes => nodes * 10_000L).Plan(refusal.Needed).Total <= refusal.Needed);
    }

    [Fact]
    public void Shapes_shrink_to_a_chain()
    {
        foreach (int depth in (int[])[1, 3, 5])
        {
            int[] sizes = [.. Planner.Shapes(depth).Select(shape => shape.Sum())];
            Assert.Contains(depth, sizes);
            Assert.Equal(Planner.Full.Take(depth).Sum(), sizes.Max());
        }
    }

    private static Planner Planner_(Func<int, long> cache, double rowCost = 1e-6) => new()
    {
        Formats = ["Q8_0", "Q5_0", "Q4_0"],
        Weights = format => format switch { "Q8_0" => 8 * Mega, "Q5_0" => 5 * Mega, _ => 4 * Mega },
        Drafter = heads => heads * Mega,
        Cache = cache,
        Scratch = nodes => nodes * 10_000L,
        Speed = (_, levels, _) => levels.Count == 0 ? 1 : (1 + levels.Select((width, depth) => Math.Pow(0.5, depth) * (1 - Math.Pow(0.7, width))).Sum()) / (1 + (rowCost * levels.Sum())),
    };
}
