using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class XtcTests
{
    private static readonly float[] s_logits = [.. new[] { 0.4f, 0.25f, 0.2f, 0.1f, 0.05f }.Select(p => MathF.Log(p))];

    [Fact]
    public void Only_the_least_likely_top_choice_stays()
    {
        // 0.4, 0.25 and 0.2 reach the threshold of 0.15; the last of them stays, with all below.
        Toy.AssertClose([0, 0, 0.2 / 0.35, 0.1 / 0.35, 0.05 / 0.35], Toy.Distribution(Always(0.15f), s_logits));
    }

    [Fact]
    public void A_single_top_choice_stays() => Toy.AssertClose([0.4, 0.25, 0.2, 0.1, 0.05], Toy.Distribution(Always(0.3f), s_logits));

    [Fact]
    public void Nothing_happens_where_none_reaches_the_threshold() =>
        Toy.AssertClose([0.4, 0.25, 0.2, 0.1, 0.05], Toy.Distribution(Always(0.45f), s_logits));

    [Fact]
    public void Nothing_happens_above_one_half() => Toy.AssertClose([0.4, 0.6], Toy.Distribution(Always(0.51f), [MathF.Log(0.4f), MathF.Log(0.6f)]));

    [Fact]
    public void Of_equal_top_choices_the_highest_id_stays() => Toy.AssertClose([0, 0, 1], Toy.Distribution(Always(0.1f), [1, 1, 1]));

    [Fact]
    public void Order_of_the_candidates_does_not_matter() =>
        Toy.AssertClose(Toy.Distribution(Always(0.15f), s_logits), Toy.Distribution(Always(0.15f) with { TopK = 5 }, s_logits));

    [Fact]
    public void Acts_as_often_as_asked()
    {
        Sampler sampler = new(Toy.Plain with { Seed = 5, Xtc = new() { Probability = 0.3f, Threshold = 0.15f } }, 5);
        int acted = 0;
        for (int i = 0; i < 10_000; i++, sampler.Accept(0))
            acted += sampler.Shape(s_logits).Count == 3 ? 1 : 0;
        Assert.InRange(acted, 2850, 3150);   // 3.3 standard deviations of 45.8
    }

    private static SamplingOptions Always(float threshold) => Toy.Plain with { Xtc = new() { Probability = 1, Threshold = threshold } };
}
