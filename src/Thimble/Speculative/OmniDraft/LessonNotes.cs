using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Speculative;

/// <summary>Notes what the target thought at each token of a text, until there is enough for a lesson.</summary>
/// <remarks>
/// <para>A target's token counts for the first of the drafter's tokens that it is: under <see cref="HierarchicalRule"/> that sum is what the drafter's probability
/// is weighed against. The paper takes only tokens that are one in both, which <see cref="OmniDraft.Memory.Marginal"/> turns back to.</para>
/// <para>Tokens and what was thought of them arrive apart: a step gives its rows when it ends, its tokens when the next begins.</para>
/// </remarks>
/// <param name="translator">Between the vocabularies.</param>
/// <param name="vocabulary">Tokens that the drafter scores.</param>
/// <param name="marginal">Whether tokens that are several of the drafter's count.</param>
/// <param name="give">Takes a lesson.</param>
internal sealed class LessonNotes(Translator translator, int vocabulary, bool marginal, Action<DraftLesson> give)
{
    private const int Context = 192, MostWaiting = 256;

    private readonly List<float[]?> _waiting = [], _noted = [];
    private float[] _weights = [];
    private int _from = -1;

    /// <summary>Notes what the target thought at a step's tokens.</summary>
    /// <param name="logits">Of its rows, shape [rows, vocabulary].</param>
    /// <param name="path">Rows that were right, after the first.</param>
    public void Think(Matrix logits, ReadOnlySpan<int> path)
    {
        if (_waiting.Count > MostWaiting)
            _waiting.Clear();   // nobody has asked for guesses since: the tokens of these are past
        _waiting.Add(Heard(logits[0]));
        foreach (int place in path)
            _waiting.Add(Heard(logits[1 + place]));
    }

    /// <summary>Notes how a text went on.</summary>
    /// <param name="ids">The whole text as the drafter's tokens, those of the new ones included.</param>
    /// <param name="from">The first of them that is new.</param>
    /// <param name="lengths">Of each new token of the target, how many of the drafter's it is; 0 for one that it cannot write.</param>
    public void Write(ReadOnlySpan<int> ids, int from, ReadOnlySpan<int> lengths)
    {
        if (_waiting.Count != lengths.Length || (_from >= 0 && _from + _noted.Count != from) || lengths.Contains(0))
        {
            // Something was written unheard, or cannot be written: what follows is another stretch.
            Flush(ids[..from]);
            _waiting.Clear();
            return;
        }

        _from = _from < 0 ? from : _from;
        for (int i = 0; i < lengths.Length; i++)
        {
            _noted.Add(lengths[i] == 1 || marginal ? _waiting[i] : null);
            for (int part = 1; part < lengths[i]; part++)
                _noted.Add(null);
        }

        _waiting.Clear();
        if (_noted.Count >= Distillation.LongestStretch)
            Flush(ids);
    }

    /// <summary>Begins another text.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _noted.Clear();
        _from = -1;
    }

    /// <summary>Gives what has been noted as a lesson.</summary>
    /// <param name="ids">The whole text as the drafter's tokens.</param>
    public void Flush(ReadOnlySpan<int> ids)
    {
        int skipped = _from == 0 ? 1 : 0;   // nothing foretells a text's first token
        if (_noted.Count > skipped && _from + _noted.Count <= ids.Length)
        {
            int start = Math.Max(0, _from - Context), first = _from + skipped;
            give(new(ids[start..(_from + _noted.Count)].ToArray(), first - start, CollectionsMarshal.AsSpan(_noted)[skipped..].ToArray()));
        }

        _noted.Clear();
        _from = -1;
    }

    /// <summary>The target's probabilities of the drafter's tokens; null where it wants none of them.</summary>
    private float[]? Heard(ReadOnlySpan<float> logits)
    {
        float greatest = float.NegativeInfinity;
        foreach (float logit in logits)
            greatest = Math.Max(greatest, logit);
        if (_weights.Length < logits.Length)
            _weights = new float[logits.Length];
        Span<float> weights = _weights.AsSpan(0, logits.Length);
        for (int token = 0; token < logits.Length; token++)
            weights[token] = logits[token] - greatest;
        Lanes.Best(new Map<Exp>(weights, weights));
        float[] heard = new float[vocabulary];
        double sum = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            int first = marginal ? translator.First(token) : translator.ToDraft(token);
            if (first < 0 || first >= vocabulary)
                continue;
            heard[first] += weights[token];
            sum += weights[token];
        }

        if (sum < 1e-6)
            return null;
        for (int i = 0; i < heard.Length; i++)
            heard[i] = (float)(heard[i] / sum);
        return heard;
    }
}
