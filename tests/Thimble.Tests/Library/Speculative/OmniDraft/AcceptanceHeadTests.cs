using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

public class AcceptanceHeadTests
{
    [Fact]
    public void It_learns_which_states_guess_right()
    {
        var random = new Random(2);
        var head = new AcceptanceHead(8);
        for (int i = 0; i < 4000; i++)
        {
            float[] state = State(random, out bool right);
            head.Learn(state, 0.5, right ? 0.9 : 0.1);
        }

        double good = 0, bad = 0;
        for (int i = 0; i < 200; i++)
        {
            float[] state = State(random, out bool right);
            (good, bad) = right ? (good + head.Judge(state, 0.5), bad) : (good, bad + head.Judge(state, 0.5));
        }

        Assert.True(good / 100 > 0.65 && bad / 100 < 0.35, $"{good / 100:F2} and {bad / 100:F2}");
    }

    [Fact]
    public void It_learns_what_a_confidence_is_worth()
    {
        var head = new AcceptanceHead(4);
        for (int i = 0; i < 4000; i++)
            head.Learn([1, 0, 0, 0], i % 2 == 0 ? 0.9 : 0.1, i % 2 == 0 ? 0.95 : 0.2);
        Assert.True(head.Judge([1, 0, 0, 0], 0.9) > 0.8 && head.Judge([1, 0, 0, 0], 0.1) < 0.35);
    }

    private static float[] State(Random random, out bool right)
    {
        float[] state = [.. Enumerable.Range(0, 8).Select(_ => (float)(random.NextDouble() - 0.5))];
        right = random.Next(2) == 0;
        state[3] = right ? 1 : -1;
        return state;
    }
}
