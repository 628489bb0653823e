namespace Thimble.Speculative;

/// <summary>Chooses a token out of p by trying candidates that were drawn out of q, one after the other: exact in distribution.</summary>
/// <remarks>
/// <para>A candidate x is taken with probability <c>min(1, p(x) / q(x))</c>; if not, p becomes <c>max(0, p − q)</c> made to sum to 1, and where
/// candidates are all different q loses x. After the last the token is drawn from what is left of p.</para>
/// <para>Source: Leviathan et al., "Fast Inference from Transformers via Speculative Decoding", 2023, section 2.3; Miao et al.,
/// "SpecInfer", 2023, algorithm 2 (several candidates); Jeon et al., "Recursive Speculative Decoding", 2024, section 3 (different ones).</para>
/// </remarks>
internal static class RejectionRule
{
    /// <summary>Chooses a token.</summary>
    /// <param name="p">The target's probabilities, shape [vocabulary]; changed.</param>
    /// <param name="q">The drafter's, shape [vocabulary]; changed where candidates are different.</param>
    /// <param name="candidates">Tokens drawn from q.</param>
    /// <param name="different">Whether each was drawn from q without those before it.</param>
    /// <param name="chance">Random choices.</param>
    /// <returns>The token, and the number of the candidate that it is, or −1.</returns>
    public static (int Token, int Candidate) Choose(Span<double> p, Span<double> q, ReadOnlySpan<int> candidates, bool different, Chance chance)
    {
        for (int i = 0; i < candidates.Length; i++)
        {
            int token = candidates[i];
            if (chance.Happens(q[token] > 0 ? Math.Min(1, p[token] / q[token]) : 0))
                return (token, i);
            if (!Subtract(p, q))
                return (token, i);   // p and q were the same: rounding alone refused the token
            if (different)
            {
                q[token] = 0;
                if (!Normalize(q))
                    break;
            }
        }

        return (chance.Draw(p), -1);
    }

    /// <summary><c>p = max(0, p − q)</c>, made to sum to 1.</summary>
    /// <returns>Whether anything is left; if not, p is as it was.</returns>
    public static bool Subtract(Span<double> p, ReadOnlySpan<double> q)
    {
        double left = 0;
        for (int i = 0; i < p.Length; i++)
            left += Math.Max(0, p[i] - q[i]);
        if (left <= 0)
            return false;
        for (int i = 0; i < p.Length; i++)
            p[i] = Math.Max(0, p[i] - q[i]) / left;
        return true;
    }

    private static bool Normalize(Span<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        if (sum <= 0)
            return false;
        foreach (ref double value in values)
            value /= sum;
        return true;
    }
}
