namespace Thimble.Lab.Training;

/// <summary>Direct preference optimisation: <c>−ln σ(β · ((ln π(chosen) − ln π₀(chosen)) − (ln π(rejected) − ln π₀(rejected))))</c>.</summary>
/// <param name="before">The model π₀ before training; freed with this.</param>
/// <param name="beta">β.</param>
/// <remarks>Source: Rafailov et al., "Direct Preference Optimization: Your Language Model is Secretly a Reward Model", 2023, eq. 7.</remarks>
internal sealed class Dpo(Teacher before, float beta) : Preference, IDisposable
{
    /// <inheritdoc />
    public void Dispose() => before.Dispose();

    /// <inheritdoc />
    protected override double[] Before(Tape tape) => before.Likelihoods(tape);

    /// <inheritdoc />
    protected override PairLoss Of(Text chosen, Text rejected)
    {
        double margin = beta * (chosen.Now - chosen.Before - (rejected.Now - rejected.Before)), pull = beta * Sigmoid(-margin);
        return new PairLoss(NegativeLogSigmoid(margin), pull, -pull, margin);
    }
}
