namespace Thimble.Lab.Training;

/// <summary>Odds-ratio preference optimisation: <c>−ln P(chosen) − λ · ln σ(ln odds(chosen) − ln odds(rejected))</c>, <c>odds = P / (1 − P)</c>,
/// <c>P</c> the geometric mean of a text's token probabilities.</summary>
/// <param name="weight">λ.</param>
/// <remarks>Source: Hong et al., "ORPO: Monolithic Preference Optimization without Reference Model", 2024, section 4.2.</remarks>
internal sealed class Orpo(float weight) : Preference
{
    private const double Least = 1e-9;   // a text that is certain has no odds

    /// <inheritdoc />
    protected override PairLoss Of(Text chosen, Text rejected)
    {
        (double ours, double theirs) = (chosen.Now / chosen.Tokens, rejected.Now / rejected.Tokens);
        (double ourRest, double theirRest) = (Rest(ours), Rest(theirs));
        double margin = ours - Math.Log(ourRest) - (theirs - Math.Log(theirRest)), pull = weight * Sigmoid(-margin);
        return new PairLoss(
            -ours + (weight * NegativeLogSigmoid(margin)),
            (1 + (pull / ourRest)) / chosen.Tokens,
            -pull / theirRest / rejected.Tokens,
            margin);
    }

    private static double Rest(double likelihood) => Math.Max(Least, 1 - Math.Exp(likelihood));
}
