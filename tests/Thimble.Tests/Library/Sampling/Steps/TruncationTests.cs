using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

/// <summary>Top-k, top-p, min-p, typical-p and top-nσ against their definitions in double precision.</summary>
public class TruncationTests
{
    public static TheoryData<int, int> Vocabularies => new()
    {
        { 1, 1 }, { 2, 2 }, { 7, 3 }, { 40, 4 }, { 300, 5 }, { 2000, 6 },
    };

    [Theory, MemberData(nameof(Vocabularies))]
    public void Top_k_keeps_the_k_likeliest(int vocabulary, int seed)
    {
        float[] logits = Toy.Logits(vocabulary, seed);
        foreach (int k in (int[])[2, 3, 10, 40, 5000])
            Toy.AssertClose(Toy.Restricted(logits, Toy.Ranked(logits).Take(k)), Toy.Distribution(Toy.Plain with { TopK = k }, logits));
    }

    [Theory, MemberData(nameof(Vocabularies))]
    public void Top_p_keeps_the_smallest_set_that_reaches_p(int vocabulary, int seed)
    {
        float[] logits = Toy.Logits(vocabulary, seed);
        foreach (float p in (float[])[0, 0.1f, 0.5f, 0.9f, 0.95f, 0.999f])
            Toy.AssertClose(Toy.Restricted(logits, Nucleus(logits, p)), Toy.Distribution(Toy.Plain with { TopP = p }, logits));
    }

    [Fact]
    public void Top_p_of_a_flat_distribution_looks_beyond_its_first_look()
    {
        float[] logits = Toy.Logits(5000, 9, spread: 0.05);
        Toy.AssertClose(Toy.Restricted(logits, Nucleus(logits, 0.9f)), Toy.Distribution(Toy.Plain with { TopP = 0.9f }, logits));
    }

    [Theory, MemberData(nameof(Vocabularies))]
    public void Min_p_keeps_what_is_likely_enough_beside_the_likeliest(int vocabulary, int seed)
    {
        float[] logits = Toy.Logits(vocabulary, seed);
        double[] p = Toy.Softmax([.. logits.Select(x => (double)x)]);
        foreach (float share in (float[])[0.001f, 0.05f, 0.3f, 1])
            Toy.AssertClose(Toy.Restricted(logits, Ids(logits).Where(i => p[i] >= share * p.Max() * (1 - 1e-9))), Toy.Distribution(Toy.Plain with { MinP = share }, logits));
    }

    [Theory, MemberData(nameof(Vocabularies))]
    public void Typical_p_keeps_the_surprises_nearest_the_entropy(int vocabulary, int seed)
    {
        float[] logits = Toy.Logits(vocabulary, seed);
        foreach (float mass in (float[])[0, 0.2f, 0.5f, 0.9f])
            Toy.AssertClose(Toy.Restricted(logits, Typical(logits, mass)), Toy.Distribution(Toy.Plain with { TypicalP = mass }, logits));
    }

    [Fact]
    public void Typical_p_can_leave_out_the_likeliest()
    {
        // p = (0.4, 0.1 × 6): the entropy is 1.75 nats; the likeliest has 0.92 and the others have 2.30, which is nearer.
        float[] logits = [MathF.Log(0.4f), .. Enumerable.Repeat(MathF.Log(0.1f), 6)];
        double[] kept = Toy.Distribution(Toy.Plain with { TypicalP = 0.25f }, logits);
        Toy.AssertClose([0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 0, 0], kept);
    }

    [Theory, MemberData(nameof(Vocabularies))]
    public void Top_n_sigma_keeps_what_lies_within_n_deviations(int vocabulary, int seed)
    {
        float[] logits = Toy.Logits(vocabulary, seed);
        double mean = logits.Average(x => (double)x), sigma = Math.Sqrt(logits.Average(x => (x - mean) * (x - mean)));
        foreach (float n in (float[])[0.1f, 1, 2])
            Toy.AssertClose(Toy.Restricted(logits, Ids(logits).Where(i => logits[i] >= logits.Max() - (n * sigma) - 1e-7)), Toy.Distribution(Toy.Plain with { TopNSigma = n }, logits));
    }

    [Fact]
    public void Default_chain_is_its_steps_one_after_the_other()
    {
        float[] logits = Toy.Logits(500, 11);
        int[] top = [.. Toy.Ranked(logits).Take(40)];
        double[] p = Toy.Restricted(logits, top);
        int[] nucleus = [.. top.Take(1 + Cumulative([.. top.Select(i => p[i])]).TakeWhile(sum => sum < 0.95f).Count())];
        int[] kept = [.. nucleus.Where(i => p[i] >= 0.05f * p[top[0]])];
        float[] cooled = [.. logits.Select(x => x / 0.8f)];
        Toy.AssertClose(Toy.Restricted(cooled, kept), Toy.Distribution(new(), logits));
    }

    [Fact]
    public void Steps_act_in_the_order_given()
    {
        // At temperature 3 the nucleus of 0.6 is larger than at temperature 1.
        float[] logits = Toy.Logits(50, 12);
        SamplingOptions options = Toy.Plain with { Temperature = 3, TopP = 0.6f };
        int late = Toy.Distribution(options, logits).Count(p => p > 0);
        int early = Toy.Distribution(options with { Order = ["temperature", "top_p"] }, logits).Count(p => p > 0);
        Assert.True(early > late, $"{early} candidates with temperature first, {late} with temperature last.");
    }

    private static IEnumerable<int> Ids(float[] logits) => Enumerable.Range(0, logits.Length);

    private static IEnumerable<int> Nucleus(float[] logits, float p)
    {
        int[] ranked = Toy.Ranked(logits);
        double[] all = Toy.Softmax([.. ranked.Select(i => (double)logits[i])]);
        return ranked.Take(1 + Cumulative(all).TakeWhile(sum => sum < p).Count());
    }

    private static IEnumerable<int> Typical(float[] logits, float mass)
    {
        double[] p = Toy.Softmax([.. logits.Select(x => (double)x)]);
        double entropy = -p.Sum(x => x * Math.Log(x));
        int[] ranked = [.. Ids(logits).OrderBy(i => Math.Abs(-Math.Log(p[i]) - entropy))];
        return ranked.Take(1 + Cumulative([.. ranked.Select(i => p[i])]).TakeWhile(sum => sum <= mass).Count());
    }

    private static IEnumerable<double> Cumulative(double[] values)
    {
        double sum = 0;
        foreach (double value in values)
            yield return sum += value;
    }
}
