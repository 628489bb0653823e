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

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    public void A_chat_of_twenty_turns_takes_what_was_planned_and_allocates_nothing_once_it_is_warm(int nodes)
    {
        const int Turns = 20, Turn = 20, Asked = 3;
        using var states = new StatePool(_desk.Decoder.States, 1 << 12, CellFormat.Named("F16"));
        var model = new MemoryModel(_desk.Decoder, states, _desk.Team);
        long planned = model.Cache(Turns, Turn, nodes) + model.Scratch(nodes), allocated = 0;
        using DraftModel small = _desk.Draft(Desk.Ple("d32"));
        using var drafter = new Thimble.Speculative.LlmCad(small) { GoesOn = false, IsPaced = false };
        using var speculation = new Speculation(drafter, Desk.Pace(nodes), ownsDrafter: false);
        var chat = new Chat(_desk, states, speculation, nodes);
        for (int turn = 0; turn < Turns; turn++)
        {
            allocated = turn == 6 ? GC.GetAllocatedBytesForCurrentThread() : allocated;
            chat.Ask(turn, Asked, (turn + 1) * Turn);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 4_000);
        Assert.InRange(chat.Bytes / (double)planned, 0.95, 1.05);
        chat.Dispose();
    }

    /// <summary>A chat on memory of its own.</summary>
    private sealed class Chat(Desk desk, StatePool states, Speculation speculation, int most) : IDisposable
    {
        private readonly Pass _pass = new(desk.Team);
        private readonly SequenceState _state = new(states);
        private readonly Sampler _sampler = new(SamplingOptions.Greedy, desk.Vocabulary);
        private readonly int[] _text = new int[600];
        private int _length;
        private long _pages;

        /// <summary>Pages and scratch memory at their highest.</summary>
        public long Bytes => _pages + _pass.Scratch.HighWater;

        public void Ask(int turn, int asked, int length)
        {
            for (int i = 0; i < asked; i++)
                _text[_length++] = 300 + (turn * asked) + i;
            while (_length < length)
                Step(length);
        }

        public void Dispose()
        {
            _pass.Dispose();
            _state.Dispose();
        }

        private void Step(int length)
        {
            _pass.Clear();
            _pass.Scratch.Reset();
            int pending = _length - _state.Length;
            speculation.Propose(_text.AsSpan(0, _length), pending, most + 1 - pending, branches: true, _sampler);
            speculation.Add(_pass, _state, _text.AsSpan(_state.Length, pending));
            _pages = Math.Max(_pages, (states.Pages.Capacity - (long)states.Pages.Free) * KeyValueStore.PageTokens * states.BytesPerToken);
            Matrix vectors = desk.Decoder.Forward(_pass), logits = desk.Decoder.Head!.Apply(_pass, vectors);
            for (int row = speculation.Begin(0); row >= 0;)
            {
                _text[_length] = speculation.Choose(_sampler, logits[row], null);
                _sampler.Accept(_text[_length++]);
                row = _length == length ? -1 : speculation.Follow(_text[_length - 1]);
            }

            speculation.Learn(logits, vectors);
            speculation.Settle();
        }
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
