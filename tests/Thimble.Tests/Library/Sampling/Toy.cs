using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

/// <summary>Small vocabularies, and the plain double-precision mathematics that the steps are held against.</summary>
internal static class Toy
{
    /// <summary>Logits without ties, spread over several units.</summary>
    public static float[] Logits(int vocabulary, int seed, double spread = 2.5)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    public static double[] Softmax(IReadOnlyList<double> logits)
    {
        double greatest = logits.Max(), sum = logits.Sum(x => Math.Exp(x - greatest));
        return [.. logits.Select(x => Math.Exp(x - greatest) / sum)];
    }

    /// <summary>The distribution of a text's next token under options: each token's probability, 0 where it was left out.</summary>
    public static double[] Distribution(SamplingOptions options, float[] logits, int[]? history = null, DryBreakers? breakers = null)
    {
        var sampler = new Sampler(options with { Seed = options.Seed ?? 1 }, logits.Length, breakers);
        sampler.Observe(history ?? []);
        return Spread(sampler.Shape(logits), logits.Length);
    }

    /// <summary>The probabilities of candidates, by token.</summary>
    public static double[] Spread(Candidates candidates, int vocabulary)
    {
        double[] kept = Softmax([.. candidates.Logits.ToArray().Select(x => (double)x)]), all = new double[vocabulary];
        for (int i = 0; i < kept.Length; i++)
            all[candidates.Id(i)] = kept[i];
        return all;
    }

    /// <summary>The softmax over the tokens of a set, 0 elsewhere.</summary>
    public static double[] Restricted(float[] logits, IEnumerable<int> kept)
    {
        int[] ids = [.. kept];
        double[] probabilities = Softmax([.. ids.Select(id => (double)logits[id])]), all = new double[logits.Length];
        for (int i = 0; i < ids.Length; i++)
            all[ids[i]] = probabilities[i];
        return all;
    }

    /// <summary>Ids, likeliest first.</summary>
    public static int[] Ranked(float[] logits) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(i => i)];

    public static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"Token {i}: expected {expected[i]}, got {actual[i]}.");
    }

    /// <summary>Options in which nothing acts but what a test turns on.</summary>
    public static SamplingOptions Plain { get; } = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0 };
}
