using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative;

public class DraftTests
{
    [Fact]
    public void Equal_siblings_are_one()
    {
        Draft draft = Empty();
        int one = draft.Add(-1, 7, 0.5);
        Assert.Equal(one, draft.Add(-1, 7, 0.9));
        int two = draft.Add(one, 7, 0.5);
        Assert.Equal((1, 0.25), (draft[two].Depth, draft[two].Reach));
        Assert.Equal((two, -1), (draft.Child(one, 7), draft.Child(two, 7)));
    }

    [Fact]
    public void A_full_draft_and_a_chain_refuse_what_they_have_no_place_for()
    {
        var draft = new Draft();
        draft.Clear(room: 2, branches: false);
        Assert.Equal((0, -1, 1, -1), (draft.Add(-1, 1, 1), draft.Add(-1, 2, 1), draft.Add(0, 2, 1), draft.Add(1, 3, 1)));
    }

    [Fact]
    public void The_likeliest_tokens_are_a_tree()
    {
        var random = new Random(4);
        for (int round = 0; round < 50; round++)
        {
            Draft draft = Empty();
            for (int i = 0; i < 30; i++)
                draft.Add(random.Next(-1, draft.Count), random.Next(5), Math.Round(random.NextDouble(), 1));
            double[] reaches = [.. draft.Tokens.ToArray().Select(token => token.Reach).OrderDescending().Take(9)];
            draft.Keep(9);
            Assert.Equal(reaches, draft.Tokens.ToArray().Select(token => token.Reach).OrderDescending());
            for (int i = 0; i < draft.Count; i++)
                Assert.True(draft[i].Parent < i && draft[i].Depth == (draft[i].Parent < 0 ? 0 : draft[draft[i].Parent].Depth + 1));
        }
    }

    private static Draft Empty()
    {
        var draft = new Draft();
        draft.Clear(room: 64, branches: true);
        return draft;
    }
}
