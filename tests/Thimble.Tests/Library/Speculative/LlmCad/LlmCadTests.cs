using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;
using Drafting = Thimble.Speculative.LlmCad;

namespace Thimble.Tests.Library.Speculative.LlmCad;

/// <summary>A target that streams from disk, with a small model in memory.</summary>
public sealed class LlmCadTests : IDisposable
{
    private readonly ModelFile _file;
    private readonly LayerStream _stream;
    private readonly Desk _desk;
    private readonly DraftModel _small;
    private readonly int[] _prompt;

    public LlmCadTests()
    {
        _file = ModelFile.Open(Desk.Ple("c3M"));
        var tokenizer = Tokenizer.From(_file.Metadata);
        _stream = new LayerStream(_file, Path.GetTempFileName(), 700_000, 512);
        _desk = new Desk(_stream.Decoder, tokenizer);
        _small = _desk.Draft(Desk.Ple("c1M"));
        _prompt = tokenizer.Encode("Once upon a time there was a");
    }

    public void Dispose()
    {
        _small.Dispose();
        _desk.Dispose();
        _stream.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void The_text_stays_and_the_disk_is_read_less_for_a_token()
    {
        int[] plain = Measure(() => _desk.Write(_prompt, 60, SamplingOptions.Greedy), out long before);
        using var drafter = new Drafting(_small);
        _stream.Idle = drafter.DraftAhead;
        using var speculation = new Speculation(drafter, Desk.Pace(16), ownsDrafter: false);
        Assert.Equal(plain, Measure(() => _desk.Write(_prompt, 60, SamplingOptions.Greedy, speculation), out long after));
        _stream.Idle = null;
        Assert.True(before > 1.7 * after, $"{before} bytes without, {after} with drafts");
    }

    [Fact, Trait("Speed", "Slow")]
    public void What_is_drafted_while_the_disk_reads_is_there_for_the_next_step()
    {
        using var drafter = new Drafting(_small) { WeighsCost = false };
        _stream.Idle = drafter.DraftAhead;
        _stream.BytesPerSecond = 8_000_000;   // slow enough to be waited for on a busy machine, too
        using var speculation = new Speculation(drafter, Desk.Pace(16), ownsDrafter: false);
        _desk.Write(_prompt, 30, SamplingOptions.Greedy, speculation);
        _stream.Idle = null;
        Assert.True(drafter.Counts.Ahead > 0);
    }

    [Fact]
    public void Drafts_that_hold_lower_the_threshold_and_drafts_that_fail_raise_it()
    {
        using var drafter = new Drafting(_small);
        double before = drafter.Threshold;
        Draft draft = new();
        draft.Clear(8, true);
        draft.Add(draft.Add(-1, 1, 0.5), 2, 0.5);
        drafter.Learn(new Verdict(draft, [0, 1], default, default));
        Assert.Equal(before / 2, drafter.Threshold, 12);
        drafter.Learn(new Verdict(draft, [0], default, default));
        Assert.Equal(before / 2 / Math.Sqrt(0.25), drafter.Threshold, 12);
        for (int i = 0; i < 40; i++)
            drafter.Learn(new Verdict(draft, [], default, default));
        Assert.Equal(0.9, drafter.Threshold);
    }

    [Fact, Trait("Speed", "Slow")]
    public void Every_step_of_the_ladder_reads_the_disk_no_more_often_than_the_one_before()
    {
        (int Most, bool Branches, bool GoesOn)[] steps = [(0, false, false), (4, false, false), (16, true, false), (16, true, true)];
        long before = long.MaxValue;
        foreach ((int most, bool branches, bool goesOn) in steps)
        {
            long bytes = 0;
            foreach (string start in (string[])["Once upon a time there was a", "The dog ran", "Lily saw a big"])
            {
                using var drafter = new Drafting(_small) { GoesOn = goesOn, IsPaced = false };
                _stream.Idle = goesOn ? drafter.DraftAhead : null;
                using var speculation = most == 0 ? null : new Speculation(branches ? drafter : new ModelDrafter(_small) { Depth = most }, Desk.Pace(most), ownsDrafter: false);
                Measure(() => _desk.Write(_desk.Tokenizer.Encode(start), 40, SamplingOptions.Greedy, speculation), out long read);
                _stream.Idle = null;
                bytes += read;
            }

            // What is drafted ahead makes other trees, a few of which are worse.
            Assert.True(bytes <= before * (goesOn ? 1.1 : 1.0), $"{bytes} bytes, {before} the step before");
            before = bytes;
        }
    }

    [Fact]
    public void What_the_disk_keeps_in_the_systems_memory_is_forgotten_if_asked_for()
    {
        _stream.ForgetsPages = true;
        int[] text = Measure(() => _desk.Write(_prompt, 6, SamplingOptions.Greedy), out long bytes);
        _stream.ForgetsPages = false;
        Assert.Equal(text, Measure(() => _desk.Write(_prompt, 6, SamplingOptions.Greedy), out long again));
        Assert.InRange(bytes, again / 2, again * 2);
    }

    private int[] Measure(Func<int[]> write, out long bytes)
    {
        long before = _stream.BytesRead;
        int[] text = write();
        bytes = _stream.BytesRead - before;
        return text;
    }
}
