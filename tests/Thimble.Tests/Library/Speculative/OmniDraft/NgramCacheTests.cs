using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

public class NgramCacheTests
{
    [Fact]
    public void A_path_leads_to_its_token()
    {
        var cache = new NgramCache();
        cache.Learn(9, [1, 2]);
        cache.Learn(8, [1, 2, 3]);
        int node = cache.Step(cache.Step(NgramCache.Root, 1), 2);
        Assert.Equal((9, 8, -1), (cache.Token(node), cache.Token(cache.Step(node, 3)), cache.Step(node, 4)));
        Assert.Equal([1, 2, 3], cache.Path(8).ToArray());
        Assert.True(cache.Path(7).IsEmpty);
    }

    [Fact]
    public void What_was_used_longest_ago_is_forgotten()
    {
        var cache = new NgramCache(most: 8);
        for (int i = 0; i < 8; i++)
            cache.Learn(i, [i, i + 1]);
        cache.Learn(0, [0, 1]);
        cache.Learn(100, [50, 51]);
        Assert.Equal(7, cache.Count);
        Assert.True(cache.Path(1).IsEmpty && cache.Path(0).Length == 2 && cache.Path(100).Length == 2);
        Assert.Equal(-1, cache.Step(NgramCache.Root, 1));
    }

    [Fact]
    public void Its_hits_are_counted()
    {
        var cache = new NgramCache();
        foreach (int token in (int[])[1, 2, 1, 1])
            cache.Learn(token, [token, 5]);
        Assert.Equal((4, 2), cache.Hits);
    }
}
