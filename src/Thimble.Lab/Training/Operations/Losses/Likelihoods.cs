using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>How likely a model finds the tokens of a batch.</summary>
internal static class Likelihoods
{
    private const int Chunk = 256;

    /// <summary>The logarithm of each target's probability.</summary>
    /// <param name="tape">The tape; its batch has the targets.</param>
    /// <param name="x">Normalised vectors, shape [rows, features].</param>
    /// <param name="head">To logits.</param>
    /// <returns>Shape [rows]; 0 where a row has no target.</returns>
    public static double[] Of(Tape tape, Value x, VocabularyHead head)
    {
        double[] likelihoods = new double[x.Rows];
        int[] targets = tape.Batch.Targets;
        for (int first = 0; first < x.Rows; first += Chunk)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            int start = first, count = Math.Min(Chunk, x.Rows - first);
            Loan logits = new(head.Logits(tape, x.Result.Part(start, count)));
            tape.EachRow(count, row =>
            {
                if (targets[start + row] >= 0)
                    likelihoods[start + row] = Of(logits.Matrix[row], targets[start + row]);
            });
        }

        return likelihoods;
    }

    private static double Of(Span<float> logits, int target)
    {
        float greatest = TensorPrimitives.Max<float>(logits), wanted = logits[target];
        TensorPrimitives.Subtract(logits, greatest, logits);
        TensorPrimitives.Exp(logits, logits);
        return wanted - greatest - Math.Log(TensorPrimitives.Sum<float>(logits));
    }
}
