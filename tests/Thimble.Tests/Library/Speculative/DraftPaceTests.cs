using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative;

/// <summary>As much is guessed as pays.</summary>
public class DraftPaceTests
{
    [Theory]
    [InlineData(0.05, 0.9, 8, 12)]     // a row costs next to nothing and guesses are right
    [InlineData(0.8, 0.4, 0, 0)]       // a row costs nearly a run and guesses are mostly wrong
    [InlineData(0.3, 0.8, 2, 6)]
    public void The_draft_is_as_long_as_is_fastest(double slope, double right, int least, int most)
    {
        DraftPace pace = Measured(slope);
        Teach(pace, right);
        Draft draft = Chain(12, 0.5);
        pace.Trim(draft, 1, TimeSpan.Zero);
        Assert.InRange(draft.Count, least, most);
    }

    [Fact]
    public void Nothing_is_guessed_before_a_plain_step_was_measured() => Assert.Equal(0, new DraftPace(new PassCost(), TimeProvider.System).Room(free: true));

    [Theory]
    [InlineData(5)]     // half a plain step
    [InlineData(60)]
    public void A_drafter_that_does_not_pay_costs_about_a_hundredth(int milliseconds)
    {
        DraftPace pace = Measured(0.2);
        Teach(pace, 0.1);
        int asked = Asked(pace, milliseconds, tokens: 1, steps: 20_000);
        Assert.InRange(asked * milliseconds / (20_000 * 10.0), 0.001, 0.02);
    }

    [Fact]
    public void A_drafter_that_began_to_pay_is_asked_again_and_again()
    {
        DraftPace pace = Measured(0.2);
        Assert.InRange(Asked(pace, 5, tokens: 1, steps: 1000), 6, 100);
        Assert.InRange(Asked(pace, 5, tokens: 3, steps: 3000), 1500, 3000);
    }

    [Fact]
    public void A_confidence_is_worth_what_it_was_worth()
    {
        DraftPace pace = Measured(0.2);
        Assert.Equal(0.5, pace.Worth(0.5), 6);
        Teach(pace, 0.9);
        Assert.InRange(pace.Worth(0.5), 0.85, 0.95);
    }

    private static int Asked(DraftPace pace, int milliseconds, int tokens, int steps)
    {
        int asked = 0;
        for (int i = 0; i < steps; i++)
        {
            if (pace.Room(free: false) == 0)
                continue;
            asked++;
            pace.Trim(Chain(8, 0.5), 1, TimeSpan.FromMilliseconds(milliseconds));
            pace.Judge(tokens, 1, 0);
        }

        return asked;
    }

    private static DraftPace Measured(double slope)
    {
        var cost = new PassCost();
        for (int rows = 1; rows < 30; rows++)
            cost.Take(rows, 0.010 * (1 + (slope * (rows - 1))));
        return new(cost, TimeProvider.System);
    }

    private static void Teach(DraftPace pace, double right)
    {
        var random = new Random(1);
        for (int i = 0; i < 400; i++)
            pace.Learn(Chain(1, 0.5), random.NextDouble() < right ? [0] : [], ended: false);
    }

    private static Draft Chain(int length, double confidence)
    {
        var draft = new Draft();
        draft.Clear(room: 64, branches: true);
        for (int i = 0; i < length; i++)
            draft.Add(i - 1, i, confidence);
        return draft;
    }
}
