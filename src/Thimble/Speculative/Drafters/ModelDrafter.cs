using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Sampling;

namespace Thimble.Speculative;

/// <summary>Guesses with a smaller model of the same vocabulary.</summary>
/// <remarks>
/// <para>Its chain of first choices is drawn by the text's own sampler from the smaller model's logits, with the random numbers that the
/// large model's tokens will be drawn with: where both models agree, so do their draws, at any temperature.
/// Other likely tokens make branches; all branches still open are computed in one run, a level at a time.</para>
/// <para>Source: Leviathan et al., "Fast Inference from Transformers via Speculative Decoding", 2023; Miao et al., "SpecInfer", 2023,
/// section 4; the shared random numbers after Daliri et al., "Coupling without Communication and Drafter-Invariant Speculative
/// Decoding", 2025.</para>
/// </remarks>
/// <param name="model">The smaller model.</param>
/// <param name="name">Its name, for statistics.</param>
internal sealed class ModelDrafter(DraftModel model, string name = "model") : Drafter
{
    private const int Wide = 4, Likely = 3, Deepest = 16;

    private readonly DraftText _text = new(model);
    private readonly TokenTree _tree = new();
    private readonly List<int> _open = [], _ids = [], _places = [];
    private float[] _logits = [];

    /// <inheritdoc />
    public override string Name => name;

    /// <summary>Tokens deep that it guesses.</summary>
    public int Depth { get; init; } = Deepest;

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        int depth = Math.Min(Depth, model.Context - point.Text.Length);
        if (depth <= 0)
            return;

        SamplerSnapshot before = point.Sampler.Snapshot();
        Matrix scores = _text.Read(point.Text, out _);
        int main = Expand(draft, -1, scores[0], point.Sampler, draws: true);
        _tree.Clear();
        _places.Clear();
        for (int level = 1; level < depth && !draft.IsFull && Open(draft, level - 1, main); level++)
        {
            scores = model.Read(_text.State, Ids(draft), draft.Branches && model.Branches ? Grow(draft) : null, _open.Count, out _);
            int next = -1;
            for (int i = 0; i < _open.Count; i++)
            {
                bool draws = _open[i] == main;
                if (draws)
                    point.Sampler.Accept(draft[main].Id);
                int drawn = Expand(draft, _open[i], scores[i], point.Sampler, draws);
                next = draws ? drawn : next;
            }

            main = next;
        }

        point.Sampler.Restore(before);
        _text.Forget();
    }

    /// <inheritdoc />
    public override void Dispose() => _text.Dispose();

    /// <summary>Adds what may follow a token.</summary>
    /// <returns>The place of the token that was drawn; −1 for none.</returns>
    private int Expand(Draft draft, int parent, ReadOnlySpan<float> logits, Sampler sampler, bool draws)
    {
        Span<(int Id, double Probability)> top = stackalloc (int, double)[Likely];
        logits = Fitted(logits, sampler.Vocabulary);
        int count = model.Likeliest(logits, top), main = -1;
        if (draws)
        {
            int drawn = sampler.Next(logits);
            double confidence = 0;
            foreach ((int id, double probability) in top[..count])
                confidence = id == drawn ? probability : confidence;
            main = draft.Add(parent, drawn, Math.Max(confidence, 0.5 * top[count - 1].Probability));
        }

        double reach = parent < 0 ? 1 : draft[parent].Reach;
        foreach ((int id, double probability) in top[..(draft.Branches ? count : 0)])
        {
            if (reach * probability > Math.Max(0.02, draft.LeastReach))
                draft.Add(parent, id, probability);
        }

        return main;
    }

    /// <summary>Picks the tokens of a level from which guessing goes on.</summary>
    private bool Open(Draft draft, int level, int main)
    {
        _open.Clear();
        for (int place = 0; place < draft.Count; place++)
        {
            if (draft[place].Depth != level || !draft.Branches && place != main || draft[place].Reach < draft.LeastReach)
                continue;
            _open.Add(place);
        }

        while (_open.Count > Wide)
        {
            int least = 0;
            for (int i = 1; i < _open.Count; i++)
                least = draft[_open[i]].Reach <= draft[_open[least]].Reach ? i : least;
            _open.RemoveAt(least);
        }

        return _open.Count > 0;
    }

    private ReadOnlySpan<int> Ids(Draft draft)
    {
        _ids.Clear();
        foreach (int place in _open)
            _ids.Add(draft[place].Id);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids);
    }

    /// <summary>The tree of all tokens that the smaller model has read of the guess, this level's last.</summary>
    private TokenTree Grow(Draft draft)
    {
        foreach (int place in _open)
        {
            _tree.Add(_places.IndexOf(draft[place].Parent));
            _places.Add(place);
        }

        return _tree;
    }

    /// <summary>Scores of exactly the tokens that the large model scores.</summary>
    private ReadOnlySpan<float> Fitted(ReadOnlySpan<float> logits, int vocabulary)
    {
        if (logits.Length >= vocabulary)
            return logits[..vocabulary];
        if (_logits.Length < vocabulary)
            Array.Resize(ref _logits, vocabulary);
        logits.CopyTo(_logits);
        _logits.AsSpan(logits.Length, vocabulary - logits.Length).Fill(float.NegativeInfinity);
        return _logits.AsSpan(0, vocabulary);
    }
}
