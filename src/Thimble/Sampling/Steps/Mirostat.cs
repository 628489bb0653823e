using Thimble.Compute;

namespace Thimble.Sampling;

/// <summary>Keeps the candidates whose surprise <c>−log₂ p</c> is at most μ, and moves μ so that the surprise of the text nears τ.</summary>
/// <remarks>Source: Basu et al., "Mirostat", 2021, second version of the authors' repository: after each token <c>μ ← μ − η · (surprise − τ)</c>,
/// the surprise being that among the kept candidates; μ starts at 2τ.</remarks>
[Technique("Mirostat", "Basu et al., Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity, 2021, section 4")]
internal sealed class Mirostat(MirostatOptions options) : ISamplerStep
{
    private static readonly double s_logTwo = Exponentials.Log(2);

    /// <summary>The threshold in bits.</summary>
    public double Mu { get; set; } = 2.0 * options.Tau;

    public void Apply(Candidates candidates, in SamplingPoint point)
    {
        // −log₂ p ≤ μ, solved for the logit; below the best nothing would be left.
        double least = candidates.LogSum() - (Mu * s_logTwo);
        if (candidates.Logits[candidates.Best()] < least)
            candidates.Top(1);
        else
            candidates.KeepFrom((float)least);
    }

    /// <summary>Learns from the token that came.</summary>
    /// <param name="probability">Its probability among the kept candidates, above 0.</param>
    public void Learn(double probability) => Mu -= options.Eta * ((-Exponentials.Log(probability) / s_logTwo) - options.Tau);
}
