using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;

namespace Thimble.Tests.Models.Blocks;

public class RouterTests
{
    private static readonly float[] s_scores = [0.1f, 2, -1, 1.5f, 3, -2, 0.5f, 0.4f];

    [Fact]
    public void Shares_are_of_all_experts_or_of_the_chosen_or_each_its_own()
    {
        double[] softmax = Softmax(s_scores), chosen = Softmax([3, 2]);
        Check(Choose(new(Linear(), 2, Gating.Softmax)), [4, 1], softmax[4], softmax[1]);
        Check(Choose(new(Linear(), 2, Gating.Softmax) { Normalise = true, Scale = 2 }), [4, 1], 2 * chosen[0], 2 * chosen[1]);
        Check(Choose(new(Linear(), 2, Gating.SoftmaxOfChosen)), [4, 1], chosen[0], chosen[1]);
        Check(Choose(new(Linear(), 2, Gating.Sigmoid)), [4, 1], 1 / (1 + Math.Exp(-3)), 1 / (1 + Math.Exp(-2)));
    }

    [Fact]
    public void A_preference_decides_who_is_chosen_and_not_their_shares() => Check(
        Choose(new(Linear(), 2, Gating.Sigmoid) { Preference = [0, 0, 0, 0, 0, 9, 0, 0] }), [5, 4], 1 / (1 + Math.Exp(2)), 1 / (1 + Math.Exp(-3)));

    [Fact]
    public void Only_the_best_groups_are_chosen_from()
    {
        // By their best two the groups have 2.1, 0.5, 1 and 0.9 of scores, the third's best being the greatest of all.
        Check(Choose(new(Linear(), 3, Gating.SoftmaxOfChosen) { Groups = (4, 2) }), [1, 4, 0], Softmax([3, 2, 0.1f]));
    }

    [Fact]
    public void Numbers_that_are_none_choose_somebody() =>
        Assert.All(Choose(new(Linear(), 2, Gating.Softmax), [.. s_scores.Select(_ => float.NaN)]).Chosen, expert => Assert.InRange(expert, 0, 7));

    private static (int[] Chosen, float[] Shares) Choose(Router router, float[]? scores = null)
    {
        using var team = new Team(1);
        using var pass = new Pass(team);
        int[] chosen = new int[router.Used];
        float[] shares = new float[router.Used];
        router.Choose(pass, new Matrix(scores ?? s_scores, 8), chosen, shares);
        return (chosen, shares);
    }

    private static void Check((int[] Chosen, float[] Shares) got, int[] chosen, params double[] shares)
    {
        Assert.Equal(chosen.Order(), got.Chosen.Order());
        Assert.All(got.Shares.OrderDescending().Zip(shares.OrderDescending()), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    private static double[] Softmax(float[] x) => [.. x.Select(v => Math.Exp(v) / x.Sum(other => Math.Exp(other)))];

    /// <summary>Passes its input on.</summary>
    private static Linear Linear()
    {
        var memory = new Allocation(8 * 8 * sizeof(float));
        for (int i = 0; i < 8; i++)
            memory.Floats[i * 9] = 1;
        return new(new Weight("router", BlockFormats.Named("F32"), 8, 8, memory.Region, new(Precision.Floats)));
    }
}
