using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Speculative;

/// <summary>The tree and the heads that a budget leaves beside an open model: the fastest by what its runs cost here.</summary>
/// <remarks>Runs of a few widths are made when the model is opened: they tell bytes and seconds, and widths between are taken to lie between. How often guesses are
/// right is not known yet; what is assumed decides only between trees that fit, and <see cref="DraftPace"/> takes less of a tree as it learns better.</remarks>
/// <param name="decoder">The model.</param>
/// <param name="states">What it keeps of texts.</param>
/// <param name="team">Who computes.</param>
/// <param name="cost">Told what runs cost.</param>
internal sealed class DraftBudget(Decoder decoder, StatePool states, Team team, PassCost cost)
{
    private const double First = 0.6, Others = 0.25, Another = 0.7;   // guesses that are right: the likeliest, and at most as many more of its siblings

    private static readonly int[] s_widths = [0, 1, 3, 7, 15, 31, 63];   // beside the text's own row

    private readonly Dictionary<int, long> _bytes = [];

    /// <summary>Finds the plan.</summary>
    /// <param name="budget">Bytes for the drafter, for the tree's keys, and for what verifying takes beyond a plain step.</param>
    /// <param name="drafter">Bytes of so many heads.</param>
    /// <param name="heads">Heads, or levels of a drafting model.</param>
    /// <param name="leastHeads">The fewest worth having.</param>
    /// <exception cref="CapacityException">The budget is below what the smallest tree takes; the message says how much that is.</exception>
    public MemoryPlan Plan(long budget, Func<int, long> drafter, int heads, int leastHeads)
    {
        Probe();
        return new SpecMemo
        {
            Formats = ["as it is"],
            Heads = Math.Min(heads, SpecMemo.Full.Count),
            LeastHeads = leastHeads,
            Weights = _ => 0,
            Drafter = drafter,
            Cache = nodes => Paged(nodes + 1, states.BytesPerToken),
            Scratch = nodes => Scratch(nodes) - Scratch(0),
            Speed = (_, levels, _) => Tokens(levels) / (levels.Count == 0 ? 1.0001 * cost.Of(1) : Math.Min(cost.Of(1 + levels.Sum()), Tokens(levels) * cost.Of(1))),
        }.Plan(budget);
    }

    /// <summary>Bytes of the pages that hold so many tokens.</summary>
    public static long Paged(long tokens, long bytesPerToken) =>
        (tokens + KeyValueStore.PageTokens - 1) / KeyValueStore.PageTokens * KeyValueStore.PageTokens * bytesPerToken;

    /// <summary>Tokens that a step with a tree gives: <c>1 + Σ Π a(width)</c>.</summary>
    public static double Tokens(IReadOnlyList<int> levels)
    {
        double tokens = 1, reach = 1;
        foreach (int width in levels)
            tokens += reach *= First + (Others * (1 - Math.Pow(Another, width - 1)));
        return tokens;
    }

    /// <summary>Bytes of a run beside a tree of so many tokens, straight between the widths that were run.</summary>
    private long Scratch(int nodes)
    {
        int above = Array.FindIndex(s_widths, 1, width => width >= nodes);
        (int low, int high) = above < 0 ? (s_widths[^2], s_widths[^1]) : (s_widths[above - 1], s_widths[above]);
        return _bytes[low] + ((_bytes[high] - _bytes[low]) * (nodes - low) / (high - low));
    }

    private void Probe()
    {
        var memory = new MemoryModel(decoder, states, team);
        foreach (int width in s_widths)
        {
            _bytes[width] = memory.Scratch(width);
            cost.Take(width + 1, memory.Seconds(width));
        }
    }
}
