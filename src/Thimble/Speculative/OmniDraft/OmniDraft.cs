using System.Runtime.InteropServices;
using Thimble.Compute;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Sampling;

namespace Thimble.Speculative;

/// <summary>One small drafter for models of any vocabulary.</summary>
/// <remarks>
/// <para>Tokens whose bytes are equal stand for each other; a target's token that is several of the drafter's is remembered when it is
/// first written (<see cref="NgramCache"/>), and a run of guesses that spells it becomes that token. A head on the drafter's state
/// (<see cref="AcceptanceHead"/>) ends a guess when it has become unlikely to be taken whole.</para>
/// <para>We changed: all ways to read the guesses as the target's tokens are branches of one tree, not only the longest; guesses drawn at random
/// are weighed by <see cref="HierarchicalRule"/>, because the published rule is not exact; and what has been learnt is kept for each target, so
/// that one drafter serves several.</para>
/// <para>What the target thought at every token it wrote is given to a <see cref="Distillation"/>, which trains the drafter on it (section 3.2).</para>
/// </remarks>
[Technique("OmniDraft", "Ramakrishnan et al., OmniDraft: A Cross-vocabulary, Online Adaptive Drafter for On-device Speculative Decoding, 2025, section 3")]
internal sealed class OmniDraft : Drafter
{
    private const int Deepest = 24;

    private readonly DraftModel _model;
    private readonly Memory _memory;
    private readonly DraftText _text;
    private readonly HierarchicalRule _rule = new();
    private readonly LessonNotes? _notes;
    private readonly List<int> _seen = [], _ids = [], _chain = [], _spelt = [], _lengths = [];
    private readonly List<double> _confidences = [];
    private readonly List<(int Token, double P)> _candidates = [];
    private readonly float[] _q, _states;
    private SampledChance? _chance;
    private bool _weighs;

    /// <summary>A drafter of one text.</summary>
    /// <param name="model">The small model.</param>
    /// <param name="memory">What it has learnt of the target, shared by the target's texts.</param>
    public OmniDraft(DraftModel model, Memory memory)
    {
        (_model, _memory, _text) = (model, memory, new(model));
        _q = new float[Deepest * model.Vocabulary];
        _states = new float[Deepest * model.Decoder.Embedding.Width];
        if (memory.Distillation is { } distillation)
            _notes = new(memory.Translator, model.Vocabulary, memory.Marginal, distillation.Take);
    }

    /// <inheritdoc />
    public override string Name => "omnidraft";

    /// <summary>Whether guesses are drawn at random and weighed, rather than the likeliest taken if the target draws them too.</summary>
    public bool Draws { get; init; }

    /// <inheritdoc />
    public override bool IsStochastic => Draws;

    /// <summary>Whether the head ends guesses.</summary>
    public bool Adapts { get; init; } = true;

    /// <summary>Whether runs of guesses are read as longer tokens.</summary>
    public bool Merges { get; init; } = true;

    /// <summary>A guess ends when it is less likely than this to be taken whole.</summary>
    public double Patience { get; init; } = 0.3;

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        Follow(point.Text);
        _chain.Clear();
        _confidences.Clear();
        _rule.Begin();
        _weighs = Draws && !point.Sampler.IsGreedy;
        int most = Math.Min(Math.Min(Deepest, 2 * draft.Room), _model.Context - _ids.Count);
        if (_ids.Count == 0 || most <= 0)
            return;

        Matrix scores = _text.Read(CollectionsMarshal.AsSpan(_ids), out Matrix vectors);
        for (double whole = 1; _chain.Count < most;)
        {
            int step = _chain.Count, width = vectors.Columns, id = Guess(scores[0], step, point.Sampler);
            vectors[0].CopyTo(_states.AsSpan(step * width, width));
            _chain.Add(id);
            _confidences.Add(Q(step, id));
            whole *= Adapts ? _memory.Head.Judge(vectors[0], Q(step, id)) : 1;
            if (_chain.Count == most || (Adapts && whole < Patience) || (!_weighs && !CanGoOn(id)))
                break;
            scores = _model.Read(_text.State, [id], null, 1, out vectors);
        }

        _text.Forget();
        Translate(draft, 0, -1);
    }

    /// <inheritdoc />
    public override int Choose(Sampler sampler, ReadOnlySpan<float> logits, TokenMask? mask)
    {
        if (!_weighs)
            return sampler.Next(logits, mask);

        Candidates shaped = sampler.Shape(logits, mask);
        double sum = shaped.LogSum();
        _candidates.Clear();
        for (int i = 0; i < shaped.Count; i++)
            _candidates.Add((shaped.Id(i), Exponentials.Exp(shaped.Logits[i] - sum)));
        (int token, bool goesOn) = _rule.Choose(
            CollectionsMarshal.AsSpan(_candidates), CollectionsMarshal.AsSpan(_chain), Path, Q, _chance ??= new SampledChance(sampler));
        _weighs = goesOn;   // from here on the sampler draws; what it draws may still be in the tree
        return token;
    }

    /// <inheritdoc />
    public override void Learn(in Verdict verdict)
    {
        _notes?.Think(verdict.Logits, verdict.Path);

        // A guess is judged where the tokens before it were right; its label is the target's own probability of it.
        int step = 0, parent = -1;
        Span<(int Id, double Probability)> top = stackalloc (int, double)[1];
        while (step < _chain.Count)
        {
            int direct = _memory.Translator.ToTarget(_chain[step]);
            int child = direct < 0 ? -1 : verdict.Draft.Child(parent, direct);
            if (child < 0)
                return;

            bool right = verdict.Path.Contains(child);
            int width = _model.Decoder.Embedding.Width;
            ReadOnlySpan<float> row = verdict.Logits[1 + verdict.Draft[child].Parent];
            DraftModel.Likeliest(row, ref _memory.Scratch, top);
            double p = top[0].Probability * Math.Exp(row[direct] - row[top[0].Id]);
            double taken = _confidences[step] > 0 ? Math.Min(1, p / _confidences[step]) : 0;
            _memory.Head.Learn(_states.AsSpan(step * width, width), _confidences[step], Draws ? taken : right ? 1 : 0);
            if (!right)
                return;
            (parent, step) = (child, step + 1);
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _notes?.Flush(CollectionsMarshal.AsSpan(_ids));
        _text.Dispose();
    }

    /// <summary>Brings the drafter's text in line with the target's, and learns tokens that are several of the drafter's.</summary>
    private void Follow(ReadOnlySpan<int> text)
    {
        ReadOnlySpan<int> seen = CollectionsMarshal.AsSpan(_seen);
        if (seen.Length == 0 || text.Length < seen.Length || !text[..seen.Length].SequenceEqual(seen))
        {
            _notes?.Flush(CollectionsMarshal.AsSpan(_ids));
            _notes?.Clear();
            _ids.Clear();
            _seen.Clear();
            _memory.Translator.Read(text, _ids);
            foreach (int token in text)
                Meet(token);
            _seen.AddRange(text);
            return;
        }

        int from = _ids.Count;
        _lengths.Clear();
        foreach (int token in text[seen.Length..])
        {
            _seen.Add(token);
            if (Meet(token))
                _ids.AddRange(_spelt);
            _lengths.Add(_spelt.Count);
        }

        _notes?.Write(CollectionsMarshal.AsSpan(_ids), from, CollectionsMarshal.AsSpan(_lengths));
    }

    private bool Meet(int token)
    {
        _spelt.Clear();
        if (!_memory.Translator.Spell(token, _spelt))
            return false;
        if (_spelt.Count > 1)
            _memory.Cache.Learn(token, CollectionsMarshal.AsSpan(_spelt));
        return true;
    }

    /// <summary>Picks the drafter's next token and remembers what it thought of all of them.</summary>
    private int Guess(ReadOnlySpan<float> logits, int step, Sampler sampler)
    {
        Span<float> q = _q.AsSpan(step * _model.Vocabulary, logits.Length);
        float greatest = float.NegativeInfinity;
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > greatest)
                (greatest, best) = (logits[i], i);
        }

        for (int i = 0; i < q.Length; i++)
            q[i] = logits[i] - greatest;
        Lanes.Best(new Map<Exp>(q, q));
        double sum = 0;
        foreach (float value in q)
            sum += value;
        Lanes.Best(new Scaled(q, (float)(1 / sum), q));
        if (!_weighs)
            return best;

        double left = sampler.Uniform(DrawPurpose.Draft, step) * Sum(q);
        for (int i = 0; i < q.Length; i++)
        {
            left -= q[i];
            if (left < 0)
                return i;
        }

        return best;
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += value;
        return sum;
    }

    private double Q(int step, int id) => _q[(step * _model.Vocabulary) + id];

    private ReadOnlySpan<int> Path(int token)
    {
        ReadOnlySpan<int> direct = _memory.Translator.Path(token);
        return direct.Length > 0 || !Merges ? direct : _memory.Cache.Path(token);
    }

    /// <summary>Whether a token of the drafter is one of the target, or may become part of one.</summary>
    private bool CanGoOn(int id) => _memory.Translator.ToTarget(id) >= 0 || Merges;

    /// <summary>Adds every way to read the guesses from one on as tokens of the target, the longest tokens first.</summary>
    private void Translate(Draft draft, int from, int parent)
    {
        if (from == _chain.Count || draft.IsFull)
            return;

        if (Merges)
            Merge(draft, from, from + 1, _memory.Cache.Step(NgramCache.Root, _chain[from]), parent, _confidences[from]);
        if (_memory.Translator.ToTarget(_chain[from]) is >= 0 and int direct)
            Go(draft, direct, parent, _confidences[from], from + 1);
    }

    private void Merge(Draft draft, int from, int to, int node, int parent, double confidence)
    {
        if (node < 0)
            return;
        if (to < _chain.Count)
            Merge(draft, from, to + 1, _memory.Cache.Step(node, _chain[to]), parent, confidence * _confidences[to]);
        if (_memory.Cache.Token(node) is >= 0 and int merged)
            Go(draft, merged, parent, confidence, to);
    }

    private void Go(Draft draft, int token, int parent, double confidence, int next)
    {
        int child = draft.Add(parent, token, confidence);
        if (child >= 0)
            Translate(draft, next, child);
    }

    /// <summary>What a drafter has learnt of one target.</summary>
    internal sealed class Memory
    {
        /// <summary>Nothing yet.</summary>
        /// <param name="target">The target's vocabulary.</param>
        /// <param name="draft">The small model.</param>
        /// <param name="most">The most tokens remembered as several of the drafter's.</param>
        /// <exception cref="NotSupportedException">The vocabularies have no text in common.</exception>
        public Memory(Models.Tokens.Tokenizer target, DraftModel draft, int most = 1 << 15)
        {
            (Translator, Cache, Head) = (new(target, draft.Tokenizer), new(most), new(draft.Decoder.Embedding.Width));
        }

        /// <summary>Tokens that are one in both.</summary>
        public Translator Translator { get; }

        /// <summary>Tokens that are several of the drafter's.</summary>
        public NgramCache Cache { get; }

        /// <summary>How likely guesses are to be taken.</summary>
        public AcceptanceHead Head { get; }

        /// <summary>Trains the drafter on what the target says; null for a drafter that stays as it is.</summary>
        public Distillation? Distillation { get; init; }

        /// <summary>Whether, in training, a target's token counts for the first of the drafter's tokens that it is; if not, only tokens that are one in both count.</summary>
        public bool Marginal { get; init; } = true;

        internal float[] Scratch = [];
    }
}
