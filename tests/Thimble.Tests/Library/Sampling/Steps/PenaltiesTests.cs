using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class PenaltiesTests
{
    [Fact]
    public void Penalties_follow_their_definition()
    {
        float[] logits = [2, -1, 0.5f, 3, 0];
        int[] history = [0, 1, 1, 3, 3, 3];
        SamplingOptions options = Toy.Plain with { RepetitionPenalty = 1.5f, FrequencyPenalty = 0.25f, PresencePenalty = 0.5f };
        double[] expected = [(2 / 1.5) - 0.25 - 0.5, (-1 * 1.5) - 0.5 - 0.5, 0.5, (3 / 1.5) - 0.75 - 0.5, 0];
        Toy.AssertClose(Toy.Softmax(expected), Toy.Distribution(options, logits, history));
    }

    [Fact]
    public void Only_the_window_counts()
    {
        SamplingOptions options = Toy.Plain with { FrequencyPenalty = 1, PenaltyWindow = 2 };
        Toy.AssertClose(Toy.Softmax([0, -1, -1]), Toy.Distribution(options, [0, 0, 0], [0, 0, 0, 1, 2]));
    }

    [Fact]
    public void A_token_that_was_sorted_or_left_out_before_is_found_or_skipped()
    {
        SamplingOptions options = Toy.Plain with { PresencePenalty = 2, TopK = 2, Order = ["top_k", "penalties"] };
        Toy.AssertClose(Toy.Softmax([1, 3, 2]).Select((_, i) => Toy.Restricted([0, 1, 2], [1, 2])[i]).ToArray(), Toy.Distribution(options, [1, 3, 2], [0, 1]));
    }

    [Fact]
    public void A_penalty_on_sorted_candidates_sorts_them_anew_for_the_next_step()
    {
        // Sorted as 3 2 1, punished to 0 2 1: the nucleus of one half is now the second token.
        SamplingOptions options = Toy.Plain with { PresencePenalty = 3, TopK = 3, TopP = 0.5f, Order = ["top_k", "penalties", "top_p"] };
        Assert.Equal([0, 1, 0], Toy.Distribution(options, [3, 2, 1], [0]));
    }

    [Fact]
    public void Bias_comes_before_everything_else()
    {
        SamplingOptions options = Toy.Plain with { LogitBias = new Dictionary<int, float> { [0] = float.NegativeInfinity, [2] = 1.5f } };
        Toy.AssertClose(Toy.Restricted([9, 1, 1.5f, 0.5f], [1, 2, 3]), Toy.Distribution(options, [9, 1, 0, 0.5f]));
    }

    [Fact]
    public void Bias_for_a_token_outside_the_vocabulary_is_named()
    {
        SamplingOptions options = new() { LogitBias = new Dictionary<int, float> { [7] = 1 } };
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => new Sampler(options, 7));
        Assert.Equal("LogitBias", e.ParamName);
        Assert.Contains("0 to 6", e.Message, StringComparison.Ordinal);
    }
}
