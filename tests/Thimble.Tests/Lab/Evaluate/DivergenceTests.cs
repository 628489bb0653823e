using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class DivergenceTests
{
    private static readonly string s_text = File.ReadAllText(Golden.Path("stories-text/stories.txt"));

    [Fact]
    public void A_model_does_not_differ_from_itself()
    {
        var found = Divergence.Measure(null, null, s_text, Options());
        Assert.Equal((1, 62), (found.Agreement, found.Tokens));
        Assert.InRange(found.Worst, 0, 1e-6);   // the reference is kept in 32 bits
        Assert.Equal(found.ReferencePerplexity, found.Perplexity, 1e-6);
        Assert.Equal(Perplexity.Measure(null, s_text, Options()).Value, found.Perplexity, 1e-9);
    }

    [Fact]
    public void Two_outcomes_give_the_number_known_by_hand()
    {
        var tally = new DivergenceTally();
        double[] p = [0.5, 0.5], q = [0.9, 0.1];
        tally.Add([.. p.Select(value => (float)Math.Log(value))], [.. q.Select(value => (float)Math.Log(value))], 0, 0);
        Assert.Equal((0.5 * Math.Log(0.5 / 0.9)) + (0.5 * Math.Log(0.5 / 0.1)), tally.Result().Mean, 1e-6);
    }

    private static WindowOptions Options() => new() { Length = 64, Limit = 2, Opening = new() { Threads = 1 } };
}
