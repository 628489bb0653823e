using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>The loss of a drafter beside its target: <c>Σ KL(q ‖ p)</c> where the target told its probabilities p, <c>−λ Σ ln q(token)</c> elsewhere, over the rows.</summary>
/// <remarks>Where p is 0 the drafter's probability is left out and the rest made to sum to 1. <c>∂/∂zᵢ = qᵢ (ln qᵢ − ln pᵢ − KL)</c>.
/// Source: Ramakrishnan et al., "OmniDraft", 2025, section 3.2.</remarks>
internal sealed class ReverseDivergence : Operation
{
    private const double Floor = 1e-9;   // of a probability that the target gave, so that its logarithm is a number

    private readonly Value _x;
    private readonly Loan _gradient;   // of x, shape [rows, features]

    private ReverseDivergence(Value x, Loan gradient) => (_x, _gradient) = (x, gradient);

    /// <summary>The loss of a batch.</summary>
    /// <param name="tape">The tape; rows of its batch without target do not count.</param>
    /// <param name="x">Normalised vectors, shape [rows, features].</param>
    /// <param name="head">To logits.</param>
    /// <param name="scale">Factor on gradients.</param>
    /// <param name="probabilities">Of each row, what the target gave, shape [vocabulary]; null where its batch's own target counts.</param>
    /// <param name="lambda">Weight of rows whose own target counts.</param>
    public static Loss Of(Tape tape, Value x, VocabularyHead head, float scale, IReadOnlyList<float[]?> probabilities, double lambda)
    {
        Batch batch = tape.Batch;
        Matrix logits = head.Logits(tape, x.Result);
        Loan slopes = new(logits);
        Loan? moved = tape.Pushes ? new Loan(head.Push(tape, x, 0, x.Rows, logits)) : null;
        double[] losses = new double[x.Rows], moves = new double[x.Rows];
        int[] hits = new int[x.Rows];
        tape.EachRow(x.Rows, row =>
        {
            Span<float> own = slopes.Matrix[row];
            if (batch.Targets[row] < 0)
                own.Clear();
            else
                (losses[row], hits[row]) = Row(own, batch.Targets[row], probabilities[row], lambda, 1.0 / batch.Counted);
            if (moved is { } direction)
                moves[row] = TensorPrimitives.Dot<float>(own, direction.Matrix[row]);
        });

        bool pulls = tape.Pulls && (x.IsVaried || head.IsTrained);
        Loan gradient = pulls ? tape.Scratch.Lend(x.Rows, x.Columns) : default;
        if (pulls)
            head.Pull(tape, x, 0, x.Rows, slopes, scale, gradient);
        if (pulls && x.IsVaried)
            tape.Remember(new ReverseDivergence(x, gradient));
        return new Loss(losses.Sum(), moves.Sum(), hits.Sum(), batch.Counted);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape) => Rows.Add(_gradient.Matrix, 1, _x.Gradient(tape));

    /// <inheritdoc />
    public override void Push(Tape tape) => throw new InvalidOperationException("The loss pushes its tangent itself.");

    /// <summary>Logits become the loss's gradient by them.</summary>
    private static (double Loss, int Right) Row(Span<float> logits, int target, float[]? p, double lambda, double weight)
    {
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        double greatest = logits[best], sum = 0;
        for (int i = 0; i < logits.Length; i++)
            sum += p is null || p[i] > 0 ? Math.Exp(logits[i] - greatest) : 0;
        if (p is null)
        {
            double loss = lambda * (Math.Log(sum) + greatest - logits[target]);
            for (int i = 0; i < logits.Length; i++)
                logits[i] = (float)(weight * lambda * ((Math.Exp(logits[i] - greatest) / sum) - (i == target ? 1 : 0)));
            return (weight * loss, best == target ? 1 : 0);
        }

        double divergence = 0, log = Math.Log(sum) + greatest;
        for (int i = 0; i < logits.Length; i++)
            divergence += p[i] > 0 ? Math.Exp(logits[i] - log) * (logits[i] - log - Math.Log(Math.Max(p[i], Floor))) : 0;
        for (int i = 0; i < logits.Length; i++)
            logits[i] = p[i] > 0 ? (float)(weight * Math.Exp(logits[i] - log) * (logits[i] - log - Math.Log(Math.Max(p[i], Floor)) - divergence)) : 0;
        return (weight * divergence, best == target ? 1 : 0);
    }
}
