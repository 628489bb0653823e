using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class MirostatTests
{
    // Surprises of 1, 2, 3 and 3 bits.
    private static readonly float[] s_logits = [.. new[] { 0.5f, 0.25f, 0.125f, 0.125f }.Select(p => MathF.Log(p))];

    [Fact]
    public void Threshold_starts_at_twice_the_target_and_truncates_by_surprise()
    {
        Assert.Equal(3, Open(tau: 1.25f, eta: 0.1f).Shape(s_logits).Count + 1);   // μ = 2.5: 1 and 2 bits stay
        Assert.Equal(1, Open(tau: 0.25f, eta: 0.1f).Shape(s_logits).Count);       // μ = 0.5: none would stay, the best does
        Assert.Equal(4, Open(tau: 2, eta: 0.1f).Shape(s_logits).Count);
    }

    [Fact]
    public void Threshold_moves_against_the_error()
    {
        Sampler sampler = Open(tau: 1.25f, eta: 0.2f);
        int token = sampler.Next(s_logits);   // kept: 2/3 and 1/3
        sampler.Accept(token);
        double surprise = -Math.Log2(token == 0 ? 2 / 3.0 : 1 / 3.0);
        Assert.Equal(2.5 - (0.2f * (surprise - 1.25)), sampler.Snapshot().Mu, 1e-6);
    }

    [Fact]
    public void A_token_from_elsewhere_teaches_nothing()
    {
        Sampler sampler = Open(tau: 1.25f, eta: 0.2f);
        sampler.Next(s_logits);
        sampler.Accept(3);
        Assert.Equal(2.5, sampler.Snapshot().Mu);
    }

    [Fact]
    public void Surprise_of_a_long_text_nears_the_target()
    {
        float[] logits = Toy.Logits(2000, 41, spread: 1.5);
        Sampler sampler = new(Toy.Plain with { Seed = 3, Mirostat = new() { Tau = 4, Eta = 0.1f } }, 2000);
        double bits = 0;
        for (int i = 0; i < 2000; i++)
        {
            double[] p = Toy.Spread(sampler.Shape(logits), 2000);
            int token = sampler.Next(logits);
            bits -= Math.Log2(p[token]);
            sampler.Accept(token);
        }

        Assert.Equal(4, bits / 2000, 0.1);
    }

    [Fact]
    public void It_stands_in_for_the_truncating_steps_only()
    {
        SamplingOptions options = new() { Seed = 1, Temperature = 1, TopK = 2, PresencePenalty = 1, Mirostat = new() { Tau = 10 } };
        Toy.AssertClose(Toy.Softmax([-1, 0, 0, 0]), Toy.Distribution(options, [0, 0, 0, 0], [0]));
    }

    private static Sampler Open(float tau, float eta) => new(Toy.Plain with { Seed = 1, Mirostat = new() { Tau = tau, Eta = eta } }, 4);
}
