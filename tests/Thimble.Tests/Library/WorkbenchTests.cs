using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Planning;

namespace Thimble.Tests.Library;

public class WorkbenchTests
{
    private static readonly int[] s_ids = [0, 433, 447, 259, 405, 17];

    [Fact]
    public void Scores_are_the_same_at_once_and_one_by_one()
    {
        using ModelFile file = DefaultModel.Open();
        using var bench = new Workbench(file, threads: 1, context: 64);
        float[] whole = bench.Read(bench.CreateSequence(), s_ids, wanted: s_ids.Length).Values.ToArray();
        SequenceState sequence = bench.CreateSequence();
        for (int i = 0; i < s_ids.Length; i++)
            Assert.Equal(whole.AsSpan(i * bench.Vocabulary, bench.Vocabulary), bench.Read(sequence, s_ids.AsSpan(i, 1)).Values);
    }

    [Fact]
    public void Sequences_of_a_step_do_not_see_each_other()
    {
        using ModelFile file = DefaultModel.Open();
        using var bench = new Workbench(file, threads: 1, context: 64);
        SequenceState[] sequences = [.. s_ids.Select(_ => bench.CreateSequence())];
        float[] together = bench.Step(sequences, s_ids).Values.ToArray();
        for (int i = 0; i < s_ids.Length; i++)
            Assert.Equal(together.AsSpan(i * bench.Vocabulary, bench.Vocabulary), bench.Read(bench.CreateSequence(), s_ids.AsSpan(i, 1)).Values);
    }

    [Fact]
    public void Threads_can_change_between_steps()
    {
        using ModelFile file = DefaultModel.Open();
        using var bench = new Workbench(file, threads: 2, context: 64);
        float[] two = bench.Read(bench.CreateSequence(), s_ids).Values.ToArray();
        bench.Threads = 1;
        Assert.Equal(1, bench.Team.Size);
        Assert.Equal(two, bench.Read(bench.CreateSequence(), s_ids).Values.ToArray());
    }
}
