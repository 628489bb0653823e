using Thimble.Adapters;
using Thimble.Cache;
using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Tests.Library.Cache;

public sealed class PrefixTreeTests : IDisposable
{
    private const int Block = KeyValueStore.PageTokens;

    private readonly StatePool _states = new([StateShape.Attention(1, 1, 1)], 64 * Block, CellFormat.Named("F32"));

    public void Dispose() => _states.Dispose();

    [Fact]
    public void What_one_tenant_keeps_another_does_not_find()
    {
        var tree = new PrefixTree(_states, 16);
        int[] text = Text(1, 4);
        Keep(tree, "a", text);
        Assert.Equal(4, Match(tree, "a", text));
        Assert.Equal(0, Match(tree, "b", text));
        Assert.Null(tree.Next(tree.Root, "b", SequenceAdapters.None, text));
        Assert.Null(tree.Nearest(tree.Root, "b", SequenceAdapters.None, text).Node);
    }

    [Fact]
    public void What_is_declared_public_all_find_and_nothing_behind_it()
    {
        var tree = new PrefixTree(_states, 16);
        int[] text = Text(1, 5);
        tree.Declare(text.AsSpan(0, (2 * Block) + 9));
        Assert.Equal(0, Match(tree, "b", text));
        Keep(tree, "a", text);
        Assert.Equal(2, Match(tree, "b", text));
        Assert.Equal(5, Match(tree, "a", text));
        Keep(tree, "b", text);
        Assert.Equal(8, tree.Filled);
        while (tree.Evict())
        {
        }

        Assert.Equal((0, 0, 0), (tree.Filled, tree.Tenants, _states.Pages.Used));
        Keep(tree, "b", text);
        Assert.Equal(2, Match(tree, "a", text));
    }

    [Fact]
    public void What_was_used_least_recently_goes_first_and_what_runs_stays()
    {
        var tree = new PrefixTree(_states, 6);
        PrefixNode old = Keep(tree, "a", Text(1, 3)), held = Keep(tree, "a", Text(2, 3));
        tree.Hold(held);
        PrefixTree.Touch(old);
        Keep(tree, "a", Text(3, 4));
        tree.Shrink();
        Assert.Equal((3, 3), (tree.Held, Match(tree, "a", Text(2, 3))));
        Assert.Equal((2, 4), (Match(tree, "a", Text(1, 3)), Match(tree, "a", Text(3, 4))));
        tree.Release(held);
        tree.Shrink();
        Assert.Equal(6, tree.Filled);
    }

    [Fact]
    public void Who_keeps_most_gives_up_first()
    {
        var tree = new PrefixTree(_states, 8);
        Keep(tree, "small", Text(1, 2));
        for (int i = 0; i < 10; i++)
        {
            Keep(tree, "flood", Text(100 + i, 3));
            tree.Shrink();
        }

        Assert.Equal((2, 8), (Match(tree, "small", Text(1, 2)), tree.Filled));
    }

    [Fact]
    public void A_block_serves_as_far_as_its_tokens_agree()
    {
        var tree = new PrefixTree(_states, 8);
        int[] text = Text(1, 2);
        PrefixNode first = Keep(tree, "a", text[..Block]);
        tree.KeepTail(first, "a", SequenceAdapters.None, text.AsSpan(Block, 20), _states.Pages.Rent());
        (PrefixNode? near, int count) = tree.Nearest(first, "a", SequenceAdapters.None, [.. text.AsSpan(Block, 15), 999, 999]);
        Assert.Equal((15, 20), (count, near!.Count));
        Assert.Equal(2, tree.Filled);
        tree.KeepTail(first, "a", SequenceAdapters.None, text.AsSpan(Block, 10), _states.Pages.Rent());
        Assert.Equal(2, tree.Filled);
    }

    private static int Match(PrefixTree tree, string tenant, int[] text) => tree.Match(tree.Root, tenant, SequenceAdapters.None, text, text.Length).Depth;

    private PrefixNode Keep(PrefixTree tree, string tenant, int[] text)
    {
        PrefixNode at = tree.Root;
        while ((at.Depth + 1) * Block <= text.Length)
        {
            int page = _states.Pages.Rent();
            at = tree.Keep(at, tenant, SequenceAdapters.None, text, page, [])!;
            _states.Pages.Return(page);   // the sequence that computed it has ended
        }

        return at;
    }

    private static int[] Text(int seed, int blocks)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, blocks * Block).Select(_ => random.Next(1000))];
    }
}
