using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class FragileMasteryTests
{
    private const string Scores = """
        model,specialised,bits,health,law,maths
        chance,,,0.2,0.2,0.1
        base,,16,0.5,0.4,0.2
        h8,health,8,0.8,0.3,0.2
        l8,law,8,0.4,0.8,0.1
        h4,health,4,0.6,0.2,0.1
        """;

    [Fact]
    public void Three_models_on_three_domains_give_the_figures_known_by_hand()
    {
        ModelMastery model = FragileMastery.Of(ScoreMatrix.Parse(Scores)).Models[0];
        Assert.Equal((0.8 - ((0.3 + 0.2) / 2)) / 0.8, model.Specialisation!.Value, 1e-12);
        Assert.Equal((((0.4 - 0.3) / 0.4) + 0) / 2, model.Loss!.Value, 1e-12);
        Assert.Equal((0.3 - 0.2) / (0.8 - 0.2), model.Transfers[0].Share!.Value, 1e-12);
        Assert.Null(model.Transfers[1].Share);   // no model is specialised on maths
    }

    [Fact]
    public void Transfer_compares_models_of_the_same_bits_only() => Assert.Null(FragileMastery.Of(ScoreMatrix.Parse(Scores)).Models[2].MeanTransfer);

    [Fact]
    public void A_figure_that_falls_with_bits_correlates_negatively()
    {
        MasteryTrend loss = FragileMastery.Of(ScoreMatrix.Parse(Scores)).Trends.Single(trend => trend.Metric == "GG");
        double[] losses = [0.125, (((0.5 - 0.4) / 0.5) + ((0.2 - 0.1) / 0.2)) / 2, (((0.4 - 0.2) / 0.4) + ((0.2 - 0.1) / 0.2)) / 2];
        Assert.Equal(Correlation.Pearson([8, 8, 4], losses)!.Value, loss.Pearson!.Value, 1e-12);
        Assert.True(loss.Pearson < 0, "more bits, less loss");
        Assert.Equal(3, loss.Models);
    }

    [Fact]
    public void Ranks_and_values_correlate_as_known_by_hand()
    {
        Assert.Equal(1, Correlation.Spearman([1, 2, 3, 4], [1, 4, 9, 16])!.Value, 1e-12);
        Assert.Equal(-0.5, Correlation.Spearman([1, 2, 3], [3, 1, 2])!.Value, 1e-12);
        Assert.Null(Correlation.Pearson([1, 1], [2, 3]));
    }

    [Theory]
    [InlineData("model,bits\n", "line 1")]
    [InlineData("model,specialised,bits,a\nbase,,16\n", "line 2")]
    [InlineData("model,specialised,bits,a\nbase,,16,x\n", "column 'a': 'x' is no number")]
    public void A_broken_matrix_is_named(string text, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => ScoreMatrix.Parse(text, "scores.csv")).Message, StringComparison.Ordinal);

    [Fact]
    public void There_is_one_base_and_no_unknown_domain()
    {
        Assert.Throws<ArgumentException>(() => FragileMastery.Of(ScoreMatrix.Parse("model,specialised,bits,a\nx,a,8,0.5\n")));
        Assert.Throws<ArgumentException>(() => FragileMastery.Of(ScoreMatrix.Parse("model,specialised,bits,a\nbase,,,0.5\nx,b,8,0.5\n")));
    }
}
