using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training.Objectives;

/// <summary>The loss without gradients against sums in double precision.</summary>
public class StreamedLossTests
{
    [Theory]
    [InlineData(7, 0)]
    [InlineData(1024, 0)]
    [InlineData(2500, 0)]
    [InlineData(2500, 4)]
    public void It_is_the_sum_over_the_whole_vocabulary(int vocabulary, float cap)
    {
        using var team = new Team(2);
        using var tape = new Tape(team) { Pulls = false };
        var random = new Random(3);
        var head = new VocabularyHead(new Parameter("w", Drawn(random, 12 * vocabulary, 2), 12), new Parameter("b", Drawn(random, vocabulary, 3), vocabulary), 0.7f, cap);
        tape.Batch = new([.. new int[300]], [.. Enumerable.Range(0, 300).Select(i => i % 5 == 2 ? -1 : random.Next(vocabulary))], [(0, 300)]);
        Value x = tape.Rent(300, 12, isVaried: false);
        Drawn(random, 300 * 12, 2).CopyTo(x.Result.Values);
        Loss got = StreamedLoss.Of(tape, x, head);
        Assert.Equal(Exact(tape, x, head), got.Mean, 1e-5 * Math.Max(1, got.Mean));
        Assert.Equal(CrossEntropy.Of(tape, x, head).Right, got.Right);
    }

    private static double Exact(Tape tape, Value x, VocabularyHead head)
    {
        Matrix logits = head.Logits(tape, x.Result);
        double loss = 0;
        for (int row = 0; row < x.Rows; row++)
        {
            if (tape.Batch.Targets[row] < 0)
                continue;
            double[] own = [.. logits[row].ToArray().Select(logit => (double)logit)];
            loss += Math.Log(own.Sum(logit => Math.Exp(logit - own.Max()))) + own.Max() - own[tape.Batch.Targets[row]];
        }

        return loss / tape.Batch.Counted;
    }

    private static float[] Drawn(Random random, int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
}
