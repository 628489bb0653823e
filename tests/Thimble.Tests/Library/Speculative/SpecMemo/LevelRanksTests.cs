using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.SpecMemo;

public class LevelRanksTests
{
    [Fact]
    public void A_narrower_tree_would_have_gone_as_deep_as_its_levels_hold_the_path()
    {
        // Two roots, three tokens below the second, one below the last of these.
        var draft = new Draft();
        draft.Clear(room: 8, branches: true);
        draft.Add(-1, 1, 0.5);
        int root = draft.Add(-1, 2, 0.4);
        draft.Add(root, 3, 0.3);
        draft.Add(root, 4, 0.2);
        int third = draft.Add(root, 5, 0.1);
        int leaf = draft.Add(third, 6, 0.9);
        var ranks = new LevelRanks();
        ranks.Learn(new Verdict(draft, [root, third, leaf], default, default));
        ranks.Learn(new Verdict(draft, [], default, default));
        Assert.Equal([2.5, 2, 1.5, 1, 1], ((int[][])[[2, 3, 1], [2, 3], [2, 2, 1], [1, 3, 1], []]).Select(ranks.Tokens));
        Assert.Equal(2, ranks.Steps);
    }
}
