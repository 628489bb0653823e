using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>The loss of a batch without gradients, a stretch of the vocabulary at a time, so that no row's logits are ever there as a whole.</summary>
/// <remarks>Of each row the greatest logit so far, the sum <c>Σ e^(logit − greatest)</c> and the target's logit are kept; a greater one scales the sum down.
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018.</remarks>
internal static class StreamedLoss
{
    private const int RowsAtOnce = 256;

    /// <summary>The loss.</summary>
    /// <param name="tape">The tape; its batch has the targets.</param>
    /// <param name="x">Normalised vectors, shape [rows, features].</param>
    /// <param name="head">To logits.</param>
    public static Loss Of(Tape tape, Value x, VocabularyHead head)
    {
        Batch batch = tape.Batch;
        double loss = 0;
        int right = 0;
        for (int first = 0; first < x.Rows; first += RowsAtOnce)
        {
            int start = first, count = Math.Min(RowsAtOnce, x.Rows - first);
            var sums = new Running[count];
            for (int token = 0; token < head.Weight.Rows; token += VocabularyHead.Chunk)
            {
                using Arena.Scope _ = tape.Scratch.Mark();
                int from = token;
                Loan logits = new(head.Part(tape, x.Result.Part(start, count), token, Math.Min(VocabularyHead.Chunk, head.Weight.Rows - token)));
                tape.EachRow(count, row =>
                {
                    if (batch.Targets[start + row] >= 0)
                        sums[row].Add(logits.Matrix[row], from, batch.Targets[start + row]);
                });
            }

            for (int row = 0; row < count; row++)
            {
                int target = batch.Targets[start + row];
                if (target < 0)
                    continue;
                loss += (batch.Weights?[start + row] ?? 1) / batch.Counted * sums[row].Loss;
                right += sums[row].Best == target ? 1 : 0;
            }
        }

        return new Loss(loss, 0, right, batch.Counted);
    }

    /// <summary>What is kept of a row.</summary>
    private struct Running
    {
        private float _greatest, _wanted;
        private double _sum;
        private bool _begun;

        /// <summary>The likeliest token so far.</summary>
        public int Best { get; private set; }

        /// <summary>The loss, once all tokens have been seen.</summary>
        public readonly double Loss => Math.Log(_sum) + _greatest - _wanted;

        /// <summary>Takes the logits of tokens from a number on; they are used up.</summary>
        public void Add(Span<float> logits, int first, int target)
        {
            if (target >= first && target < first + logits.Length)
                _wanted = logits[target - first];
            int best = TensorPrimitives.IndexOfMax<float>(logits);
            float greatest = logits[best];
            if (!_begun || greatest > _greatest || float.IsNaN(greatest))
            {
                _sum = _begun ? _sum * Math.Exp(_greatest - greatest) : 0;
                (_greatest, Best, _begun) = (greatest, first + best, true);
            }

            TensorPrimitives.Subtract(logits, _greatest, logits);
            TensorPrimitives.Exp(logits, logits);
            _sum += TensorPrimitives.Sum<float>(logits);
        }
    }
}
