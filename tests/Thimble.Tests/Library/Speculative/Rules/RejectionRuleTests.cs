using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Rules;

public class RejectionRuleTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Every_outcome_has_the_targets_probability(int candidates, bool different)
    {
        var random = new Random(6);
        for (int round = 0; round < 40; round++)
        {
            double[] p = Distribution(random, 4), q = Distribution(random, 4), got = new double[4];
            EveryChance.Explore(chance =>
            {
                int[] drawn = Drawn(q, candidates, different, chance);
                (int token, _) = RejectionRule.Choose([.. p], [.. q], drawn, different, chance);
                got[token] += chance.Probability;
            });
            for (int i = 0; i < 4; i++)
                Assert.Equal(p[i], got[i], 1e-12);
        }
    }

    [Fact]
    public void A_random_guess_is_taken_as_often_as_p_and_q_overlap()
    {
        double[] p = [0.5, 0.3, 0.2, 0], q = [0.2, 0.2, 0.2, 0.4];
        double taken = 0;
        EveryChance.Explore(chance =>
        {
            int drawn = chance.Draw(q);
            taken += RejectionRule.Choose([.. p], [.. q], [drawn], false, chance).Candidate >= 0 ? chance.Probability : 0;
        });
        Assert.Equal(0.6, taken, 1e-12);
    }

    internal static double[] Distribution(Random random, int size)
    {
        double[] weights = [.. Enumerable.Range(0, size).Select(_ => random.Next(4) == 0 ? 0 : random.NextDouble())];
        weights[random.Next(size)] += 0.1;
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static int[] Drawn(double[] q, int count, bool different, Chance chance)
    {
        double[] left = [.. q];
        List<int> drawn = [];
        while (drawn.Count < count && left.Sum() > 0)
        {
            drawn.Add(chance.Draw(left));
            if (different)
                left[drawn[^1]] = 0;
        }

        return [.. drawn];
    }
}
