using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.SpecMemo;

public sealed class MemoryModelTests : IDisposable
{
    private readonly Desk _desk = new(Desk.Ple("d32"));

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(31)]
    public void Planned_scratch_is_what_runs_rent(int nodes)
    {
        using var states = new StatePool(_desk.Decoder.States, 1 << 12, CellFormat.Named("F16"));
        long planned = new MemoryModel(_desk.Decoder, states, _desk.Team).Scratch(nodes);
        int[] prompt = _desk.Tokenizer.Encode("Once"), plain = _desk.Write(prompt, 12, SamplingOptions.Greedy);
        using var speculation = new Speculation(new StarDrafter(), Desk.Pace(nodes));
        _desk.Write(prompt, 12, SamplingOptions.Greedy, speculation);
        Assert.Equal(nodes, speculation.Counts.Drafted / speculation.Counts.Drafts);
        Assert.InRange(_desk.Pass.Scratch.HighWater / (double)planned, 0.95, 1.05);
        _ = plain;
    }

    [Fact]
    public void Keys_and_values_are_counted_in_pages()
    {
        using var states = new StatePool(_desk.Decoder.States, 1 << 12, CellFormat.Named("F16"));
        var model = new MemoryModel(_desk.Decoder, states, _desk.Team);
        Assert.Equal(3 * 64 * states.BytesPerToken, model.Cache(turns: 2, tokensPerTurn: 60, nodes: 10));
    }

    [Fact]
    public void A_long_conversation_allocates_nothing_once_it_is_warm()
    {
        using DraftModel small = _desk.Draft(Desk.Ple("d32"));
        using var drafter = new Thimble.Speculative.LlmCad(small) { GoesOn = false };
        using var speculation = new Speculation(drafter, Desk.Pace(6), ownsDrafter: false);
        using SequenceState state = _desk.Start();
        int[] text = new int[512];
        var sampler = new Sampler(SamplingOptions.Greedy, _desk.Vocabulary);
        int length = 1;
        long before = 0;
        for (int step = 0; length < 400; step++)
        {
            if (step == 60)
                before = GC.GetAllocatedBytesForCurrentThread();
            Step(state, sampler, speculation, text, ref length);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000);
    }

    private void Step(SequenceState state, Sampler sampler, Speculation speculation, int[] text, ref int length)
    {
        Pass pass = _desk.Pass;
        pass.Clear();
        pass.Scratch.Reset();
        speculation.Propose(text.AsSpan(0, length), length - state.Length, 6, branches: true, sampler);
        speculation.Add(pass, state, text.AsSpan(state.Length, length - state.Length));
        Matrix vectors = _desk.Decoder.Forward(pass), logits = _desk.Decoder.Head!.Apply(pass, vectors);
        for (int row = speculation.Begin(0); row >= 0;)
        {
            text[length] = speculation.Choose(sampler, logits[row], null);
            sampler.Accept(text[length]);
            row = speculation.Follow(text[length++]);
        }

        speculation.Learn(logits, vectors);
        speculation.Settle();
    }

    /// <summary>As many siblings as there is room for.</summary>
    private sealed class StarDrafter : Drafter
    {
        public override string Name => "star";

        public override void Propose(in DraftPoint point, Draft draft)
        {
            for (int id = 0; !draft.IsFull; id++)
                draft.Add(-1, id, 0.1);
        }

        public override void Dispose()
        {
        }
    }
}
