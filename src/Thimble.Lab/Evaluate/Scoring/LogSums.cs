using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Sampling;

namespace Thimble.Lab.Evaluate;

/// <summary>What turns logits into probabilities: <c>ln Σ exp(logit)</c> of each row, so that <c>−ln p(i) = sum − logit(i)</c>.</summary>
/// <param name="logits">Shape [rows, vocabulary].</param>
/// <param name="sums">Receives the sums, shape [rows].</param>
internal readonly ref struct LogSums(Matrix logits, Span<double> sums) : ITeamWork
{
    private readonly Matrix _logits = logits;
    private readonly Span<double> _sums = sums;

    public void Run(int member, int members)
    {
        (int first, int end) = Shares.Of(_logits.Rows, 1, member, members);
        for (int row = first; row < end; row++)
        {
            ReadOnlySpan<float> logits = _logits[row];
            float greatest = float.NegativeInfinity;
            foreach (float logit in logits)
                greatest = MathF.Max(greatest, logit);
            _sums[row] = LogProbabilities.LogSum(logits, greatest);
        }
    }
}
