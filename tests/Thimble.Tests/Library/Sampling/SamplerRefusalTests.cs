using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SamplerRefusalTests
{
    public static TheoryData<SamplingOptions> Options => new() { new SamplingOptions(), SamplingOptions.Greedy, Toy.Plain, new() { Mirostat = new() } };

    [Theory, MemberData(nameof(Options))]
    public void Nan_is_refused_by_token_and_position(SamplingOptions options)
    {
        Sampler sampler = new(options, 4);
        sampler.Accept(1);
        sampler.Accept(2);
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => sampler.Next([1, 2, 3, float.NaN]));
        Assert.Contains("token 3 at generated position 2 is NaN", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => sampler.Next([float.NaN, 2, 3, 4]));
        Assert.Throws<InvalidDataException>(() => sampler.Next([1, float.PositiveInfinity, 3, 4]));
    }

    [Theory, MemberData(nameof(Options))]
    public void Nothing_but_minus_infinity_is_refused(SamplingOptions options)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => new Sampler(options, 3).Next([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]));
        Assert.Contains("All 3 logits at generated position 0 are −∞", e.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Options))]
    public void Minus_infinity_is_never_chosen(SamplingOptions options)
    {
        Sampler sampler = new(options with { Seed = 1 }, 4);
        for (int i = 0; i < 200; i++, sampler.Accept(2))
            Assert.Equal(2, sampler.Next([float.NegativeInfinity, float.NegativeInfinity, -3, float.NegativeInfinity]));
    }

    [Theory, MemberData(nameof(Options))]
    public void A_mask_that_leaves_nothing_is_refused(SamplingOptions options)
    {
        TokenMask mask = new(3) { [1] = true };
        Assert.Throws<InvalidDataException>(() => new Sampler(options, 3).Next([1, float.NegativeInfinity, 2], mask));
        Assert.Throws<InvalidDataException>(() => new Sampler(options, 3).Next([1, 2, 3], new TokenMask(3)));
    }

    [Fact]
    public void Wrong_lengths_are_named()
    {
        Sampler sampler = new(new(), 4);
        Assert.Contains("3 logits", Assert.Throws<ArgumentException>(() => sampler.Next([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("5 tokens", Assert.Throws<ArgumentException>(() => sampler.Next([1, 2, 3, 4], new TokenMask(5))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Accept(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Accept(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sampler(new(), 0));
    }
}
