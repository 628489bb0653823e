using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>What a row's logits cost.</summary>
internal interface IRowLoss
{
    /// <summary>Gets ready for some rows, one after the other.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    void Prepare(int first, int count);

    /// <summary>A row's loss; rows may run at the same time.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">Which of those it was got ready with.</param>
    /// <param name="logits">Its logits, which become the loss's gradient by them.</param>
    /// <returns>The loss, and whether the likeliest token was the target.</returns>
    (double Loss, bool Right) Of(int row, int place, Span<float> logits);
}

/// <summary>The head and a loss of its logits in one, a chunk of rows at a time, as <see cref="CrossEntropy"/> does it.</summary>
internal sealed class HeadLoss : Operation
{
    private const int Chunk = 256;

    private readonly Value _x;
    private readonly Loan _gradient;   // of x, shape [rows, features]

    private HeadLoss(Value x, Loan gradient) => (_x, _gradient) = (x, gradient);

    /// <summary>The loss of a batch.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Normalised vectors, shape [rows, features].</param>
    /// <param name="head">To logits.</param>
    /// <param name="rows">What rows cost.</param>
    /// <param name="counted">Rows that count.</param>
    /// <param name="scale">Factor on gradients.</param>
    public static Loss Of(Tape tape, Value x, VocabularyHead head, IRowLoss rows, int counted, float scale)
    {
        bool pulls = tape.Pulls && (x.IsVaried || head.IsTrained);
        Loan gradient = pulls ? tape.Scratch.Lend(x.Rows, x.Columns) : default;
        double loss = 0, tangent = 0;
        int right = 0;
        for (int first = 0; first < x.Rows; first += Chunk)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            int start = first, count = Math.Min(Chunk, x.Rows - first);
            rows.Prepare(start, count);
            Loan slopes = new(head.Logits(tape, x.Result.Part(start, count)));
            double[] losses = new double[count], moves = new double[count];
            bool[] hits = new bool[count];
            Loan? moved = tape.Pushes ? new Loan(head.Push(tape, x, start, count, slopes.Matrix)) : null;
            tape.EachRow(count, row =>
            {
                (losses[row], hits[row]) = rows.Of(start + row, row, slopes.Matrix[row]);
                if (moved is { } direction)
                    moves[row] = TensorPrimitives.Dot<float>(slopes.Matrix[row], direction.Matrix[row]);
            });
            loss += losses.Sum();
            tangent += moves.Sum();
            right += hits.Count(hit => hit);
            if (pulls)
                head.Pull(tape, x, start, count, slopes, scale, gradient);
        }

        var operation = new HeadLoss(x, gradient);
        if (pulls && x.IsVaried)
            tape.Remember(operation);
        return new Loss(loss, tangent, right, counted);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape) => Rows.Add(_gradient.Matrix, 1, _x.Gradient(tape));

    /// <inheritdoc />
    public override void Push(Tape tape) => throw new InvalidOperationException("The loss pushes its tangent itself.");
}
