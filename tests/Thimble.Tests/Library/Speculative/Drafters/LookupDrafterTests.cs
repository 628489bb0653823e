using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Drafters;

public class LookupDrafterTests
{
    private static readonly Sampler s_sampler = new(SamplingOptions.Greedy, 100);

    [Fact]
    public void What_followed_before_is_guessed_again_and_other_continuations_branch()
    {
        using var drafter = new LookupDrafter();
        Draft draft = Guess(drafter, [1, 2, 3, 4, 9, 2, 3, 5, 7, 1, 2, 3]);
        Assert.Equal([4, 9, 2], draft.Tokens.ToArray().Take(3).Select(token => token.Id));
        Assert.True(draft.Child(-1, 5) > 0);
    }

    [Fact]
    public void A_text_cut_back_is_read_anew()
    {
        using var drafter = new LookupDrafter();
        Guess(drafter, [1, 2, 3, 4, 1, 2, 3]);
        Assert.Equal(6, Guess(drafter, [5, 6, 7, 5, 6])[0].Id - 1);
        Assert.Equal(0, Guess(drafter, [5, 6, 7]).Count);
    }

    [Fact]
    public void Sessions_past_are_remembered_within_a_budget()
    {
        var past = new PastTexts(most: 64);
        using (var first = new LookupDrafter(past))
            Guess(first, [10, 11, 12, 13, 14]);
        using var second = new LookupDrafter(past);
        Assert.Equal([12, 13, 14], Guess(second, [50, 10, 11]).Tokens.ToArray().Select(token => token.Id));
        for (int i = 0; i < 40; i++)
            past.Add([60 + i, 61 + i, 62 + i]);
        Assert.True(past.Text.Length <= 64 && past.Generation > 0);
        Assert.Equal(101, Guess(second, [50, 10, 11, 99, 100])[0].Id);
    }

    private static Draft Guess(LookupDrafter drafter, int[] text)
    {
        var draft = new Draft();
        draft.Clear(room: 12, branches: true);
        drafter.Propose(new DraftPoint(text, s_sampler), draft);
        return draft;
    }
}
