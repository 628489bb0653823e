using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Blocks;

public class SharedKeysTests
{
    private static readonly int[] s_prefix = [.. Enumerable.Range(0, 1100).Select(i => ((i * 37) + (i / 50)) % TinyModel.Vocabulary)];

    [Theory]
    [InlineData("arcee", 1, "F32"), InlineData("arcee", 3, "F16"), InlineData("gemma3", 2, "F32"), InlineData("mistral3 tempered", 2, "BF16")]
    public void Keys_met_once_for_all_give_the_bits_of_each_alone(string name, int threads, string cell)
    {
        using var model = new Runs(TinyModelTests.Make(name).File(), threads: threads, cell: cell);
        List<SequenceState> states = Forks(model, 6);
        states.Insert(3, model.Start());
        model.Feed((states[3], s_prefix[..40]));
        SequenceState[] alone = [.. states.Select(state => state.Fork())];
        float[][] together = model.Feed([.. states.Select((state, i) => (state, new[] { i }))]);
        for (int i = 0; i < states.Count; i++)
            Assert.Equal(model.Feed((alone[i], [i]))[0], together[i]);
    }

    [Fact]
    public void Neighbours_are_gathered_as_far_as_their_pages_agree()
    {
        using var model = new Runs(TinyModelTests.Make("arcee").File());
        List<SequenceState> states = Forks(model, 3);
        SequenceState other = model.Start(), longer = model.Start();
        model.Feed((other, s_prefix[..600]));
        model.Feed((longer, s_prefix[1..600]));
        Segment[] segments = [.. states.Append(other).Append(longer.Fork()).Append(longer).Select((state, i) => new Segment(state, i, 1))];
        var found = new SharedKeys[3];
        Assert.Equal(2, SharedKeys.Find(segments, found));
        Assert.Equal([new(0, 3, 2), new(4, 2, 1)], found[..2]);
        segments[1] = segments[1] with { Count = 2 };
        Assert.Equal(1, SharedKeys.Find(segments, found));
    }

    /// <summary>Sequences that begin alike and go on for different lengths.</summary>
    private static List<SequenceState> Forks(Runs model, int count)
    {
        SequenceState first = model.Start();
        model.Feed((first, s_prefix));
        List<SequenceState> forks = [];
        for (int i = 0; i < count; i++)
        {
            SequenceState fork = first.Fork();
            if (i > 0)
                model.Feed((fork, s_prefix[i..(i + (i * i * 20))]));
            forks.Add(fork);
        }

        return forks;
    }
}
