using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>The head and its loss in one: <c>Σ weight · (ln Σ e^logit − logit[target]) / counted rows</c>, logits a chunk of rows at a time.</summary>
/// <remarks>Logits of all rows would take more memory than the rest of the model; a chunk's gradient is pulled as soon as its logits are
/// there. <see cref="Pull"/> then has only the rows’ own gradient left to hand on. Where nothing is pulled, tokens come in chunks too (<see cref="StreamedLoss"/>).</remarks>
internal sealed class CrossEntropy : Operation
{
    private const int Chunk = 256;

    private readonly Value _x;
    private readonly Loan _gradient;   // of x, shape [rows, features]

    private CrossEntropy(Value x, Loan gradient) => (_x, _gradient) = (x, gradient);

    /// <summary>The loss of a batch.</summary>
    /// <param name="tape">The tape; its batch has the targets.</param>
    /// <param name="x">Normalised vectors, shape [rows, features].</param>
    /// <param name="head">To logits.</param>
    /// <param name="scale">Factor on gradients, such as a batch's share of an accumulated step.</param>
    /// <exception cref="ArgumentException">No row has a target.</exception>
    public static Loss Of(Tape tape, Value x, VocabularyHead head, float scale = 1)
    {
        Batch batch = tape.Batch;
        if (batch.Counted == 0)
            throw new ArgumentException("No row of the batch has a target: there is nothing to learn from it.", nameof(tape));

        bool pulls = tape.Pulls && (x.IsVaried || head.IsTrained);
        if (!pulls && !tape.Pushes && batch.Options is null)
            return StreamedLoss.Of(tape, x, head);
        Loan gradient = pulls ? tape.Scratch.Lend(x.Rows, x.Columns) : default;
        double loss = 0, tangent = 0;
        int right = 0;
        for (int first = 0; first < x.Rows; first += Chunk)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            int count = Math.Min(Chunk, x.Rows - first);
            Matrix logits = head.Logits(tape, x.Result.Part(first, count));
            Loan slopes = new(logits);
            double[] losses = new double[count];
            int[] hits = new int[count];
            Loan? moved = tape.Pushes ? new Loan(head.Push(tape, x, first, count, logits)) : null;
            double[] moves = new double[count];
            tape.EachRow(count, row =>
            {
                int target = batch.Targets[first + row];
                if (target < 0)
                {
                    slopes.Matrix[row].Clear();
                    return;
                }

                if (batch.Options is not null)
                    Restrict(slopes.Matrix[row], batch.Options);
                float weight = (batch.Weights?[first + row] ?? 1) / batch.Counted;
                (losses[row], hits[row]) = Row(slopes.Matrix[row], target, weight);
                if (moved is { } direction)
                    moves[row] = TensorPrimitives.Dot<float>(slopes.Matrix[row], direction.Matrix[row]);
            });
            loss += losses.Sum();
            tangent += moves.Sum();
            right += hits.Sum();
            if (pulls)
                head.Pull(tape, x, first, count, slopes, scale, gradient);
        }

        var operation = new CrossEntropy(x, gradient);
        if (pulls && x.IsVaried)
            tape.Remember(operation);
        return new Loss(loss, tangent, right, batch.Counted);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape) => Rows.Add(_gradient.Matrix, 1, _x.Gradient(tape));

    /// <inheritdoc />
    public override void Push(Tape tape) => throw new InvalidOperationException("The loss pushes its tangent itself.");

    /// <summary>Leaves a choice among some tokens only.</summary>
    private static void Restrict(Span<float> logits, int[] options)
    {
        Span<float> kept = stackalloc float[options.Length];
        for (int i = 0; i < options.Length; i++)
            kept[i] = logits[options[i]];
        logits.Fill(float.NegativeInfinity);
        for (int i = 0; i < options.Length; i++)
            logits[options[i]] = kept[i];
    }

    /// <summary>Logits become the loss's gradient by them.</summary>
    private static (double Loss, int Right) Row(Span<float> logits, int target, float weight)
    {
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        float greatest = logits[best], wanted = logits[target];
        TensorPrimitives.Subtract(logits, greatest, logits);
        TensorPrimitives.Exp(logits, logits);
        float sum = TensorPrimitives.Sum<float>(logits);
        TensorPrimitives.Multiply(logits, weight / sum, logits);
        logits[target] -= weight;
        return (weight * (Math.Log(sum) + greatest - wanted), best == target ? 1 : 0);
    }
}

/// <summary>What a batch's loss was.</summary>
/// <param name="Mean">In nats for each row that counts.</param>
/// <param name="Tangent">How it moves in the direction of the tape.</param>
/// <param name="Right">Rows whose likeliest token was the target.</param>
/// <param name="Counted">Rows that count.</param>
internal readonly record struct Loss(double Mean, double Tangent, int Right, int Counted);
