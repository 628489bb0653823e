namespace Thimble.Sampling;

/// <summary>What the model itself thinks, before any step: <c>ln p(i) = logit(i) − ln Σ exp(logit)</c>.</summary>
internal readonly ref struct LogProbabilities
{
    private readonly ReadOnlySpan<float> _logits;
    private readonly double _logSum;

    /// <summary>Of one position's logits.</summary>
    /// <param name="logits">Shape [vocabulary]; −∞ is allowed, NaN is not.</param>
    /// <exception cref="ArgumentException">No token has a probability.</exception>
    public LogProbabilities(ReadOnlySpan<float> logits)
    {
        float greatest = float.NegativeInfinity;
        foreach (float logit in logits)
            greatest = MathF.Max(greatest, logit);
        if (!float.IsFinite(greatest))
            throw new ArgumentException($"The greatest of {logits.Length} logits is {greatest}; expected a finite number.", nameof(logits));

        _logits = logits;
        _logSum = LogSum(logits, greatest);
    }

    /// <summary>The natural logarithm of a token's probability: 0 or less, −∞ if it has none.</summary>
    public float this[int token] => (float)(_logits[token] - _logSum);

    /// <summary>The likeliest tokens, likeliest first, of equal ones the lowest id first.</summary>
    /// <param name="top">Receives as many as it has room for.</param>
    /// <returns>How many were written: fewer only if the vocabulary is smaller.</returns>
    public int Top(Span<TokenLogProbability> top)
    {
        int count = 0;
        for (int i = 0; i < _logits.Length && top.Length > 0; i++)
        {
            float value = (float)(_logits[i] - _logSum);
            if (count == top.Length && value <= top[^1].LogProbability)
                continue;

            int at = count < top.Length ? count++ : count - 1;
            for (; at > 0 && top[at - 1].LogProbability < value; at--)
                top[at] = top[at - 1];
            top[at] = new(i, value);
        }

        return count;
    }

    /// <summary><c>ln Σ exp(logit)</c>, given the greatest of them.</summary>
    internal static double LogSum(ReadOnlySpan<float> logits, float greatest)
    {
        double sum = 0;
        foreach (float logit in logits)
            sum += Exponentials.Exp((double)logit - greatest);
        return greatest + Exponentials.Log(sum);
    }
}
