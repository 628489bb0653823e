namespace Thimble.Lab.Training;

/// <summary>A loss of pairs of answers: a batch's texts are, by turns, the one that is preferred and the one that is not.</summary>
/// <remarks>Such a loss hangs on the texts' likelihoods only, so its gradient is that of the tokens' cross entropy, each text's tokens weighted
/// by how the loss changes with theirs: one look at the likelihoods, then the usual backward run.</remarks>
internal abstract class Preference : Objective
{
    /// <inheritdoc />
    public override Loss Of(Tape tape, Graph graph, float share)
    {
        Batch batch = tape.Batch;
        if (batch.Segments.Length % 2 != 0 || batch.Segments.Length == 0)
            throw new ArgumentException($"The batch has {batch.Segments.Length} texts; preferences take pairs. Use texts of kind 'preference'.", nameof(tape));
        double[]? before = Before(tape);
        Value x = graph.Vectors(tape);
        double[] likelihoods = Likelihoods.Of(tape, x, graph.Head());
        float[] weights = new float[batch.Rows];
        int pairs = batch.Segments.Length / 2, right = 0;
        double loss = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            Text chosen = Of(batch, 2 * pair, likelihoods, before), rejected = Of(batch, (2 * pair) + 1, likelihoods, before);
            PairLoss one = Of(chosen, rejected);
            loss += one.Loss / pairs;
            right += one.Margin > 0 ? 1 : 0;
            Fill(weights, batch, 2 * pair, one.ByChosen * batch.Counted / pairs);
            Fill(weights, batch, (2 * pair) + 1, one.ByRejected * batch.Counted / pairs);
        }

        tape.Batch = batch with { Weights = weights };
        CrossEntropy.Of(tape, x, graph.Head(), share);
        tape.Batch = batch;
        return new Loss(loss, 0, (int)Math.Round((double)right / pairs * batch.Counted), batch.Counted);
    }

    /// <summary>Likelihoods that those of the model are compared with, shape [rows]; null for none.</summary>
    protected virtual double[]? Before(Tape tape) => null;

    /// <summary>The loss of a pair.</summary>
    protected abstract PairLoss Of(Text chosen, Text rejected);

    /// <summary>The logistic function.</summary>
    protected static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary><c>−ln σ(x)</c>, for any x.</summary>
    protected static double NegativeLogSigmoid(double x) => Math.Max(0, -x) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static Text Of(Batch batch, int segment, double[] likelihoods, double[]? before)
    {
        (int first, int count) = batch.Segments[segment];
        double now = 0, then = 0;
        int tokens = 0;
        for (int row = first; row < first + count; row++)
        {
            now += likelihoods[row];
            then += before?[row] ?? 0;
            tokens += batch.Targets[row] >= 0 ? 1 : 0;
        }

        return new Text(now, then, Math.Max(1, tokens));
    }

    private static void Fill(float[] weights, Batch batch, int segment, double weight) =>
        Array.Fill(weights, (float)weight, batch.Segments[segment].First, batch.Segments[segment].Count);

    /// <summary>A text of a pair.</summary>
    /// <param name="Now">The logarithm of its probability.</param>
    /// <param name="Before">That before training, where it counts.</param>
    /// <param name="Tokens">Tokens that count.</param>
    internal readonly record struct Text(double Now, double Before, int Tokens);

    /// <summary>What a pair costs.</summary>
    /// <param name="Loss">The loss.</param>
    /// <param name="ByChosen">How it grows with the negative likelihood of each token of the preferred text.</param>
    /// <param name="ByRejected">The same of the other text.</param>
    /// <param name="Margin">By how much the preferred one is ahead.</param>
    internal readonly record struct PairLoss(double Loss, double ByChosen, double ByRejected, double Margin);
}
