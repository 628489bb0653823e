using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative;

/// <summary>A model that writes texts with and without drafts, bare of engine and time.</summary>
internal sealed class Desk : IDisposable
{
    private readonly ModelFile? _file;
    private readonly StatePool _states;
    private readonly Pass _pass;

    public Desk(string path, string cell = "F16")
        : this(ModelFile.Open(path), cell)
    {
    }

    public Desk(ModelFile file, string cell = "F16", Precision precision = Precision.Bytes)
    {
        _file = file;
        Team = new Team(1);
        Decoder = Thimble.Models.Architectures.Architectures.Build(new Blueprint(file, new Opening(precision, Team)) { Context = 512 });
        Tokenizer = file.Metadata.FindText("tokenizer.ggml.model") is null ? null! : Tokenizer.From(file.Metadata);
        _states = new StatePool(Decoder.States, 1 << 16, CellFormat.Named(cell));
        _pass = new Pass(Team);
    }

    /// <summary>A model built elsewhere.</summary>
    public Desk(Decoder decoder, Tokenizer tokenizer)
    {
        (Team, Decoder, Tokenizer) = (new Team(1), decoder, tokenizer);
        _states = new StatePool(Decoder.States, 1 << 16, CellFormat.Named("F16"));
        _pass = new Pass(Team);
    }

    public static string Ple(string name) => Golden.Path($"ple-tinystories-int4/ple-{name}-s0.bin");

    public Decoder Decoder { get; }

    public Tokenizer Tokenizer { get; }

    public Team Team { get; }

    public Pass Pass => _pass;

    public int Vocabulary => Decoder.Head!.Vocabulary;

    public bool Branches => !_states.IsRecurrent;

    /// <summary>Runs of the model so far.</summary>
    public int Runs { get; private set; }

    public DraftModel Draft(string path) => new(ModelFile.Open(path), Team, 512);

    public SequenceState Start() => new(_states);

    public Sampler Sampler(SamplingOptions options, ReadOnlySpan<int> prompt)
    {
        var sampler = new Sampler(options, Vocabulary);
        sampler.Observe(prompt);
        return sampler;
    }

    /// <summary>Writes tokens, one or several in a run.</summary>
    public int[] Write(int[] prompt, int count, SamplingOptions options, Speculation? speculation = null, Func<List<int>, TokenMask?>? mask = null)
    {
        using SequenceState state = Start();
        Sampler sampler = Sampler(options, prompt);
        using var plain = new Speculation(new NoDrafter(), Pace());
        List<int> text = [.. prompt];
        while (text.Count < prompt.Length + count)
            Step(state, sampler, text, speculation ?? plain, prompt.Length + count, mask);
        return [.. text.Skip(prompt.Length)];
    }

    public static DraftPace Pace(int most = 12) => new(new PassCost(), TimeProvider.System) { IsFixed = true, Most = most };

    /// <summary>Several texts side by side, each run a step of all that still go on.</summary>
    public int[][] WriteAll(int[][] prompts, int count, Func<int, SamplingOptions> options, Func<Drafter> drafter)
    {
        var texts = prompts.Select((prompt, i) => (Text: prompt.ToList(), Length: prompt.Length + count, State: Start(), Sampler: Sampler(options(i), prompt), Speculation: new Speculation(drafter(), Pace()))).ToList();
        while (texts.Any(text => text.Text.Count < text.Length))
        {
            var open = texts.Where(text => text.Text.Count < text.Length).ToList();
            Begin();
            foreach (var text in open)
                Add(text.State, text.Sampler, text.Text, text.Speculation);
            Matrix logits = Finish(out Matrix vectors);
            int row = 0;
            foreach (var text in open)
                row = Read(logits, vectors, row, text.Sampler, text.Text, text.Speculation, text.Length, null);
        }

        texts.ForEach(text => text.State.Dispose());
        texts.ForEach(text => text.Speculation.Dispose());
        return [.. texts.Select((text, i) => text.Text.Skip(prompts[i].Length).ToArray())];
    }

    public void Dispose()
    {
        _pass.Dispose();
        _states.Dispose();
        Team.Dispose();
        _file?.Dispose();
    }

    private void Step(SequenceState state, Sampler sampler, List<int> text, Speculation speculation, int length, Func<List<int>, TokenMask?>? mask)
    {
        Begin();
        Add(state, sampler, text, speculation);
        Matrix logits = Finish(out Matrix vectors);
        Read(logits, vectors, 0, sampler, text, speculation, length, mask);
    }

    private void Begin()
    {
        _pass.Clear();
        _pass.Scratch.Reset();
    }

    private void Add(SequenceState state, Sampler sampler, List<int> text, Speculation speculation)
    {
        int[] tokens = [.. text];
        speculation.Propose(tokens, tokens.Length - state.Length, 512 - tokens.Length, Branches, sampler);
        speculation.Add(_pass, state, tokens.AsSpan(state.Length));
    }

    private Matrix Finish(out Matrix vectors)
    {
        Runs++;
        vectors = Decoder.Forward(_pass);
        return Decoder.Head!.Apply(_pass, vectors);
    }

    private static int Read(
        Matrix logits, Matrix vectors, int first, Sampler sampler, List<int> text, Speculation speculation, int length, Func<List<int>, TokenMask?>? mask)
    {
        for (int row = speculation.Begin(first); row >= 0;)
        {
            int token = speculation.Choose(sampler, logits[row], mask?.Invoke(text));
            sampler.Accept(token);
            text.Add(token);
            row = text.Count == length ? -1 : speculation.Follow(token);
        }

        int rows = speculation.Rows;
        speculation.Learn(logits, vectors);
        speculation.Settle();
        return first + rows;
    }

    /// <summary>Guesses nothing.</summary>
    private sealed class NoDrafter : Drafter
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

/// <summary>Guesses a random tree around what is right now and then: every shape of acceptance comes up.</summary>
internal sealed class WildDrafter(int seed, int vocabulary, Func<int, int> likely) : Drafter
{
    private readonly Random _random = new(seed);

    public override string Name => "wild";

    public override void Propose(in DraftPoint point, Draft draft)
    {
        int count = _random.Next(draft.Room + 1);
        for (int i = 0; i < count; i++)
        {
            int parent = draft.Branches ? _random.Next(-1, draft.Count) : draft.Count - 1;
            int depth = parent < 0 ? 0 : draft[parent].Depth + 1;
            draft.Add(parent, _random.Next(3) > 0 ? likely(point.Text.Length + depth) : _random.Next(vocabulary), _random.NextDouble());
        }
    }

    public override void Dispose()
    {
    }
}
