using Thimble.Compute;

namespace Thimble.Speculative;

/// <summary>Works out before a conversation starts which draft tree, heads and format fit a budget of memory, and are fastest within it.</summary>
/// <remarks>
/// <para>What is given up goes in order: first the tree shrinks, for its deep tokens are mostly wrong and cost logits and scratch; then heads go; only
/// then does the base model take fewer bits. Of the trees that fit, shapes given by tokens per level, the fastest as measured is taken.</para>
/// <para>We changed: the speed of a shape is what was measured for its width and acceptance, so a machine whose runs soon
/// cost by the row gets a small tree even where memory is plenty.</para>
/// <para>In the product the tree shrinks, and then the heads (<see cref="DraftBudget"/>); an open model keeps its bits, which planning it chooses.</para>
/// </remarks>
[Technique("SpecMemo", "Yildirim and Chen, SpecMemo: Speculative Decoding is in Your Pocket, 2025, sections 3 and 4")]
internal sealed class SpecMemo
{
    /// <summary>The tree to start from: 64 tokens in five levels.</summary>
    public static IReadOnlyList<int> Full { get; } = [10, 18, 18, 12, 6];

    /// <summary>Bytes of the base model in a format.</summary>
    public required Func<string, long> Weights { get; init; }

    /// <summary>Bytes of so many heads.</summary>
    public required Func<int, long> Drafter { get; init; }

    /// <summary>Bytes of keys and values with a tree of so many tokens.</summary>
    public required Func<int, long> Cache { get; init; }

    /// <summary>Bytes of a verifying run of a tree of so many tokens.</summary>
    public required Func<int, long> Scratch { get; init; }

    /// <summary>Tokens per second of a format with a tree and so many heads, as measured or expected; that of no tree is plain decoding's.</summary>
    public required Func<string, IReadOnlyList<int>, int, double> Speed { get; init; }

    /// <summary>Formats the base model may take, the one it has first, each with fewer bits than the one before.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>Heads there are.</summary>
    public int Heads { get; init; } = 5;

    /// <summary>The fewest heads worth having.</summary>
    public int LeastHeads { get; init; } = 2;

    /// <summary>Finds the plan.</summary>
    /// <param name="budget">Bytes.</param>
    /// <returns>Without a tree where trees fit but none is faster than plain decoding: then the first format that fits plainly.</returns>
    /// <exception cref="CapacityException">No tree fits; the message says the least that would.</exception>
    public MemoryPlan Plan(long budget)
    {
        foreach (string format in Formats)
        {
            for (int heads = Heads; heads >= Math.Min(LeastHeads, Heads); heads--)
            {
                if (Best(format, heads, budget) is { } plan)
                    return plan;
            }
        }

        long least = Formats.Min(format => Of(Shapes(Math.Min(LeastHeads, Heads)).MinBy(shape => shape.Sum())!, Math.Min(LeastHeads, Heads), format).Total);
        if (least <= budget)
            return Formats.Select(format => Of([], 0, format)).First(plan => plan.Total <= budget);
        throw new CapacityException(
            $"Drafting needs at least {least} bytes here; the budget is {budget}. Give it more, plan fewer or shorter turns, or decode without drafts.", least, budget);
    }

    /// <summary>What a choice takes.</summary>
    public MemoryPlan Of(IReadOnlyList<int> levels, int heads, string format) =>
        new(levels, heads, format, Weights(format), Drafter(heads), Cache(levels.Sum()), Scratch(levels.Sum()));

    /// <summary>The shapes searched: prefixes of the full tree's levels, each level halved until one token is left, wide first.</summary>
    public static IEnumerable<IReadOnlyList<int>> Shapes(int depth)
    {
        for (int levels = Math.Min(depth, Full.Count); levels > 0; levels--)
        {
            HashSet<string> seen = [];
            for (double factor = 1; ; factor *= 0.7)
            {
                int[] shape = [.. Full.Take(levels).Select(width => Math.Max(1, (int)Math.Round(width * factor)))];
                if (seen.Add(string.Join('-', shape)))
                    yield return shape;
                if (shape.All(width => width == 1))
                    break;
            }
        }
    }

    /// <summary>The fastest tree that fits with these heads and this format, the full one at once if it fits and none is faster.</summary>
    private MemoryPlan? Best(string format, int heads, long budget)
    {
        double best = Speed(format, [], 0);
        MemoryPlan? found = null;
        foreach (IReadOnlyList<int> shape in Shapes(heads))
        {
            MemoryPlan plan = Of(shape, heads, format);
            if (plan.Total > budget)
                continue;
            double speed = Speed(format, shape, heads);
            if (speed > best)
                (best, found) = (speed, plan);
        }

        return found;
    }
}
