using System.Diagnostics;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Bench;

/// <summary>Writes texts with a model bare of engine and turns, with drafts or without, and counts runs and time.</summary>
internal sealed class Scribe : IDisposable
{
    private readonly Decoder _decoder;
    private readonly StatePool _states;
    private readonly int _context;

    public Scribe(Decoder decoder, Team team, int context)
    {
        (_decoder, _context) = (decoder, context);
        _states = new StatePool(decoder.States, 1 << 20, CellFormat.Named("F16"));
        Pass = new Pass(team);
    }

    /// <summary>The run, whose scratch memory can be read.</summary>
    public Pass Pass { get; }

    /// <summary>What the model keeps of texts.</summary>
    public StatePool States => _states;

    /// <summary>Runs after the prompt's.</summary>
    public int Runs { get; private set; }

    /// <summary>Time of those, drafting included.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Forgets what was counted.</summary>
    public void Reset() => (Runs, Time) = (0, TimeSpan.Zero);

    /// <summary>A pace that neither cuts drafts short nor leaves them out.</summary>
    public static DraftPace Fixed(int most) => new(new PassCost(), TimeProvider.System) { IsFixed = true, Most = most };

    /// <summary>The most bytes of pages in use in a run, its guesses included.</summary>
    public long PageBytes { get; private set; }

    /// <summary>Writes tokens.</summary>
    /// <param name="prompt">What stands before.</param>
    /// <param name="count">How many.</param>
    /// <param name="options">How they are chosen.</param>
    /// <param name="speculation">Drafts; null for none.</param>
    /// <param name="branches">Whether drafts may be trees.</param>
    /// <param name="pace">Told what runs cost; null for nobody.</param>
    public int[] Write(int[] prompt, int count, SamplingOptions options, Speculation? speculation = null, bool branches = true, DraftPace? pace = null)
    {
        using var state = new SequenceState(_states);
        var sampler = new Sampler(options, _decoder.Head!.Vocabulary);
        sampler.Observe(prompt);
        List<int> text = [.. prompt];
        GoOn(state, sampler, text, count, speculation, branches, pace);
        return [.. text.Skip(prompt.Length)];
    }

    /// <summary>Goes on with a text.</summary>
    /// <param name="state">What the model keeps of it; what is missing is read first.</param>
    /// <param name="sampler">Chooses.</param>
    /// <param name="text">The text; it grows.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="speculation">Drafts; null for none.</param>
    /// <param name="branches">Whether drafts may be trees.</param>
    /// <param name="pace">Told what runs cost; null for nobody.</param>
    /// <param name="piece">The most tokens read at once.</param>
    public void GoOn(
        SequenceState state, Sampler sampler, List<int> text, int count, Speculation? speculation, bool branches = true, DraftPace? pace = null, int piece = 256)
    {
        using var plain = new Speculation(new Silent(), Fixed(1));
        speculation ??= plain;
        int length = text.Count + count;
        while (text.Count - state.Length > piece)
        {
            Begin();
            Pass.Add(state, text.Skip(state.Length).Take(piece).ToArray(), 0);
            _decoder.Forward(Pass);
        }

        for (bool first = true; text.Count < length; first = false)
        {
            long start = Stopwatch.GetTimestamp();
            int rows = Step(state, sampler, text, first ? plain : speculation, branches && !_states.IsRecurrent, length);
            if (first)
                continue;
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            (Runs, Time) = (Runs + 1, Time + time);
            pace?.Cost.Take(rows, time.TotalSeconds);
        }
    }

    public void Dispose()
    {
        Pass.Dispose();
        _states.Dispose();
    }

    private int Step(SequenceState state, Sampler sampler, List<int> text, Speculation speculation, bool branches, int length)
    {
        int[] tokens = [.. text];
        Begin();
        speculation.Propose(tokens, tokens.Length - state.Length, _context - tokens.Length, branches, sampler);
        speculation.Add(Pass, state, tokens.AsSpan(state.Length));
        int rows = speculation.Rows;
        PageBytes = Math.Max(PageBytes, (_states.Pages.Capacity - (long)_states.Pages.Free) * KeyValueStore.PageTokens * _states.BytesPerToken);
        Matrix vectors = _decoder.Forward(Pass), logits = _decoder.Head!.Apply(Pass, vectors);
        for (int row = speculation.Begin(0); row >= 0;)
        {
            text.Add(speculation.Choose(sampler, logits[row], null));
            sampler.Accept(text[^1]);
            row = text.Count == length ? -1 : speculation.Follow(text[^1]);
        }

        speculation.Learn(logits, vectors);
        speculation.Settle();
        return rows;
    }

    private void Begin()
    {
        Pass.Clear();
        Pass.Scratch.Reset();
    }

    /// <summary>Guesses nothing.</summary>
    private sealed class Silent : Drafter
    {
        public override string Name => "none";

        public override void Propose(in DraftPoint point, Draft draft)
        {
        }

        public override void Dispose()
        {
        }
    }
}
