using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Sampling;

namespace Thimble.Lab.Evaluate;

/// <summary>What tokens cost a model: <c>−ln p(token)</c>, with <c>p</c> the softmax of its logits.</summary>
/// <param name="logits">Shape [rows, vocabulary].</param>
/// <param name="tokens">The token that came, shape [rows].</param>
/// <param name="losses">Receives the losses, shape [rows].</param>
internal readonly ref struct Losses(Matrix logits, ReadOnlySpan<int> tokens, Span<double> losses) : ITeamWork
{
    private readonly Matrix _logits = logits;
    private readonly ReadOnlySpan<int> _tokens = tokens;
    private readonly Span<double> _losses = losses;

    public void Run(int member, int members)
    {
        (int first, int end) = Shares.Of(_logits.Rows, 1, member, members);
        for (int row = first; row < end; row++)
        {
            ReadOnlySpan<float> logits = _logits[row];
            float greatest = float.NegativeInfinity;
            foreach (float logit in logits)
                greatest = MathF.Max(greatest, logit);
            _losses[row] = LogProbabilities.LogSum(logits, greatest) - logits[_tokens[row]];
        }
    }
}
