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
    public void On_the_probabilities_of_trained_models_tokens_come_as_often_as_they_should()
    {
        double[] p = Probabilities("c3M"), q = Probabilities("c1M"), counts = new double[16], expected = new double[16];
        var chance = new SeededChance(11);
        const int Draws = 8000;
        for (int i = 0; i < Draws; i++)
            counts[RejectionRule.Choose([.. p], [.. q], [chance.Draw(q)], false, chance).Token % 16]++;
        for (int id = 0; id < p.Length; id++)
            expected[id % 16] += Draws * p[id];
        double chi = counts.Zip(expected, (got, wanted) => wanted < 1e-9 ? 0 : (got - wanted) * (got - wanted) / wanted).Sum();
        Assert.True(chi < 37.7, $"chi-square {chi:F1} of 15 degrees");   // 0.1 %
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

    /// <summary>What a model says after the beginning of a story.</summary>
    private static double[] Probabilities(string name)
    {
        using var desk = new Desk(Desk.Ple(name));
        using DraftModel model = desk.Draft(Desk.Ple(name));
        using Thimble.Models.States.SequenceState text = model.Start();
        float[] logits = model.Read(text, desk.Tokenizer.Encode("Once upon a time there was a"), null, 1, out _)[0].ToArray();
        double[] weights = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    /// <summary>Choices by a seed.</summary>
    private sealed class SeededChance(int seed) : Chance
    {
        private readonly Random _random = new(seed);

        public override bool Happens(double probability) => _random.NextDouble() < probability;

        public override int Draw(ReadOnlySpan<double> weights)
        {
            double sum = 0;
            foreach (double weight in weights)
                sum += weight;
            double left = _random.NextDouble() * sum;
            for (int i = 0; i < weights.Length; i++)
            {
                left -= weights[i];
                if (left < 0)
                    return i;
            }

            return weights.Length - 1;
        }
    }
}
