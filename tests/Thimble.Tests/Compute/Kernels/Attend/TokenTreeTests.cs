using Thimble.Compute.Kernels;

namespace Thimble.Tests.Compute.Kernels.Attend;

public class TokenTreeTests
{
    [Fact]
    public void A_token_sees_its_ancestors_and_itself()
    {
        var tree = new TokenTree([-1, 0, 0, 2, -1]);
        Assert.Equal([0, 1, 1, 2, 0], Enumerable.Range(0, tree.Count).Select(tree.Depth));
        Assert.Equal([true, false, true, true, false], Enumerable.Range(0, tree.Count).Select(other => tree.Sees(3, other)));
    }

    [Fact]
    public void Long_chains_see_all_before()
    {
        var chain = new TokenTree([.. Enumerable.Range(-1, 512)]);
        Assert.Equal(511, chain.Depth(511));
        Assert.True(chain.Sees(511, 0) && chain.Sees(511, 300) && !chain.Sees(300, 301));
    }

    [Fact]
    public void Parents_come_first()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new TokenTree([-1, 1]));
        Assert.Contains("The parent of token 1 is 1; expected −1 to 0", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TokenTree([]));
    }
}
