using Thimble.Speculative;
using Thimble.Tests.Library.Speculative.Rules;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

/// <summary>A drafter of four tokens a, b, c, d; a target with these and with tokens that are several of them.</summary>
public class HierarchicalRuleTests
{
    /// <summary>The target's tokens: a, b, c, ab, abc, ac, one the drafter cannot write, and ba.</summary>
    private static readonly int[][] s_paths = [[0], [1], [2], [0, 1], [0, 1, 2], [0, 2], [], [1, 0]];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Two_tokens_together_have_the_targets_probability(int length)
    {
        for (int seed = 0; seed < (length == 4 ? 6 : 25); seed++)
            Assert.True(Error(new World(seed), length, restricts: true) <= 1e-12);
    }

    [Fact]
    public void Forgetting_what_the_next_token_is_not_shows_in_two_tokens_together() =>
        Assert.True(Enumerable.Range(0, 25).Max(seed => Error(new World(seed), 3, restricts: false)) > 1e-3);

    [Fact]
    public void The_published_flat_rule_is_not_exact() =>
        Assert.True(Enumerable.Range(0, 25).Max(seed => FlatError(new World(seed), 3)) > 0.05);

    [Fact]
    public void A_certain_drafter_that_is_right_is_taken_whole()
    {
        var rule = new HierarchicalRule();
        rule.Begin();
        List<int> taken = [];
        EveryChance.Explore(chance =>
        {
            taken.Clear();
            rule.Begin();
            foreach (int token in (int[])[4, 1])
                taken.Add(rule.Choose([(token, 1)], [0, 1, 2, 1], id => s_paths[id], (step, id) => id == new[] { 0, 1, 2, 1 }[step] ? 1 : 0, chance).Token);
        });
        Assert.Equal([4, 1], taken);
    }

    /// <summary>The greatest error of the probability of two tokens in a row, over all chains and choices.</summary>
    private static double Error(World world, int length, bool restricts)
    {
        int size = s_paths.Length;
        double[] got = new double[size * size];
        EveryChance.Explore(chance =>
        {
            int[] chain = world.Chain(length, chance);
            var rule = new HierarchicalRule();
            rule.Begin();
            HierarchicalRule.Likelihood q = (step, id) => world.Q(chain.AsSpan(0, step))[id];
            (int first, bool goesOn) = rule.Choose(World.Named(world.P([])), chain, id => s_paths[id], q, chance);
            if (!goesOn)
            {
                for (int second = 0; second < size; second++)
                    got[(first * size) + second] += chance.Probability * world.P([first])[second];
                return;
            }

            if (!restricts)
            {
                int read = s_paths[first].Length;
                chain = chain[read..];
                int[] before = [.. s_paths[first]];
                q = (step, id) => world.Q([.. before, .. chain[..step]])[id];
                rule.Begin();
            }

            int then = rule.Choose(World.Named(world.P([first])), chain, id => s_paths[id], q, chance).Token;
            got[(first * size) + then] += chance.Probability;
        });
        return Enumerable.Range(0, size * size).Max(i => Math.Abs(got[i] - (world.P([])[i / size] * world.P([i / size])[i % size])));
    }

    /// <summary>The same of one token, under the rule as published: the longest match against the product of its probabilities.</summary>
    private static double FlatError(World world, int length)
    {
        double[] p = world.P([]), got = new double[p.Length];
        double[] q = [.. s_paths.Select(path => path.Length == 0 ? 0 : Enumerable.Range(0, path.Length).Aggregate(1.0, (product, i) => product * world.Q(path.AsSpan(0, i))[path[i]]))];
        EveryChance.Explore(chance =>
        {
            int[] chain = world.Chain(length, chance);
            int token = Enumerable.Range(0, s_paths.Length).Where(id => s_paths[id].Length > 0 && chain.AsSpan().StartsWith(s_paths[id]))
                .OrderByDescending(id => s_paths[id].Length).FirstOrDefault(-1);
            if (token < 0 || !chance.Happens(Math.Min(1, p[token] / q[token])))
            {
                double[] rest = [.. p.Zip(q, (a, b) => Math.Max(0, a - b))];
                token = chance.Draw(rest.Sum() > 0 ? rest : p);
            }

            got[token] += chance.Probability;
        });
        return Enumerable.Range(0, p.Length).Max(i => Math.Abs(got[i] - p[i]));
    }

    /// <summary>Random distributions of drafter and target, each a function of what came before.</summary>
    private sealed class World(int seed)
    {
        public double[] Q(ReadOnlySpan<int> chain) => At(chain, 4, 1);

        public double[] P(ReadOnlySpan<int> tokens) => At(tokens, s_paths.Length, 2);

        public int[] Chain(int length, Chance chance)
        {
            int[] chain = new int[length];
            for (int i = 0; i < length; i++)
                chain[i] = chance.Draw(Q(chain.AsSpan(0, i)));
            return chain;
        }

        public static (int, double)[] Named(double[] p) => [.. p.Select((value, id) => (id, value)).Where(entry => entry.value > 0)];

        private double[] At(ReadOnlySpan<int> before, int size, int kind)
        {
            int hash = (seed * 31) + kind;
            foreach (int token in before)
                hash = (hash * 37) + token + 1;
            return RejectionRuleTests.Distribution(new Random(hash), size);
        }
    }
}
