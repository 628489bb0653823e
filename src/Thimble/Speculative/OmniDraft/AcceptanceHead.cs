namespace Thimble.Speculative;

/// <summary>How likely a guess will be taken, told from the drafter's own state: <c>σ(w·x + v·ln q + b)</c>, learnt while it runs.</summary>
/// <remarks>Its label is the probability with which the guess would have been taken; wrong guesses weigh more, for they are what ends a draft.
/// Source: Ramakrishnan et al., "OmniDraft", 2025, section 3.3.</remarks>
/// <param name="width">Features of the drafter's state.</param>
internal sealed class AcceptanceHead(int width)
{
    private const double Rate = 0.05, WrongWeight = 1.5;

    private readonly double[] _weights = new double[width];
    private double _confidence = 0.5, _bias = 1;

    /// <summary>Guesses learnt from.</summary>
    public long Seen { get; private set; }

    /// <summary>How likely a guess will be taken.</summary>
    /// <param name="state">What the drafter's scores were made of, shape [features].</param>
    /// <param name="confidence">The drafter's probability of the guess.</param>
    public double Judge(ReadOnlySpan<float> state, double confidence) => 1 / (1 + Math.Exp(-Score(state, confidence)));

    /// <summary>Learns what came of a guess.</summary>
    /// <param name="state">As above.</param>
    /// <param name="confidence">As above.</param>
    /// <param name="taken">The probability with which it would have been taken, in [0, 1].</param>
    public void Learn(ReadOnlySpan<float> state, double confidence, double taken)
    {
        double error = taken - Judge(state, confidence), norm = Norm(state);
        double step = Rate * (error < 0 ? WrongWeight : 1) * error;
        for (int i = 0; i < width; i++)
            _weights[i] += step * state[i] / norm;
        _confidence += step * Log(confidence);
        _bias += step;
        Seen++;
    }

    private double Score(ReadOnlySpan<float> state, double confidence)
    {
        double sum = 0, norm = Norm(state);
        for (int i = 0; i < width; i++)
            sum += _weights[i] * state[i];
        return (sum / norm) + (_confidence * Log(confidence)) + _bias;
    }

    /// <summary>States of every model have a length of 1 here, so that one rate of learning fits all.</summary>
    private static double Norm(ReadOnlySpan<float> state)
    {
        double sum = 1e-12;
        foreach (float value in state)
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    private static double Log(double confidence) => Math.Log(Math.Max(confidence, 1e-6));
}
