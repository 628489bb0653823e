using System.Runtime.InteropServices;
using Thimble.Compute;

namespace Thimble.Speculative;

/// <summary>A small model in memory drafts a tree for a large one whose weights stream from disk, and goes on while the disk reads.</summary>
/// <remarks>
/// <para>The likeliest branches grow first, but a branch that has run ahead of the mean is held back; a token gets siblings only where
/// the drafter is unsure. The target is asked when the likeliest path has become less likely than a threshold, which rises with every draft that
/// failed and falls with every one that held: one run of the target then reads its weights once for the whole tree.</para>
/// <para>We changed: the draft goes on in the moments when the target waits for a layer (<see cref="LayerStream.Idle"/>), on the same threads, rather
/// than beside it; what is drafted ahead need not follow the likeliest path alone; and the threshold counts at most for what a run of the drafter
/// costs beside one of the target: a slow disk is worth more guesses, however many failed.</para>
/// </remarks>
[Technique("LLMCad", "Xu et al., LLMCad: Fast and Scalable On-device Large Language Model Inference, 2023, sections 3.2 to 3.4")]
internal sealed class LlmCad : Drafter
{
    private const double First = 0.01, Least = 1e-6, Most = 0.9, Weight = 0.2, TokensRun = 4;

    private readonly GrowingTree _tree;
    private readonly LayerStream? _stream;
    private readonly Func<bool> _ahead;
    private readonly List<int> _open = [], _text;
    private int _sent;
    private long _asked;
    private double _drafting, _running;   // seconds of a run of the drafter, and from a draft's end to its verdict

    /// <summary>A drafter of one text.</summary>
    /// <param name="model">The small model.</param>
    /// <param name="stream">The large model's layers, which are waited for; null where nobody waits, or another says when to draft ahead.</param>
    public LlmCad(DraftModel model, LayerStream? stream = null)
    {
        (Model, _tree, _text, _stream, _ahead) = (model, new(model), new(DraftText.RoomFor(model)), stream, DraftAhead);
    }

    /// <inheritdoc />
    public override string Name => "llmcad";

    /// <summary>The small model.</summary>
    public DraftModel Model { get; }

    /// <summary>Branches extended in one run.</summary>
    public int Wide { get; init; } = 4;

    /// <summary>What a branch's likelihood is worth for every token that it is ahead of the mean.</summary>
    public double Pacing { get; init; } = 0.5;

    /// <summary>Whether the threshold follows what came of drafts.</summary>
    public bool Adapts { get; init; } = true;

    /// <summary>Whether the threshold ends drafts; if not, only their room does.</summary>
    public bool IsPaced { get; init; } = true;

    /// <summary>Whether the threshold counts at most for what drafting costs.</summary>
    public bool WeighsCost { get; init; } = true;

    /// <summary>Tells the time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether drafting goes on while the target runs.</summary>
    public bool GoesOn { get; init; } = true;

    /// <summary>How likely the likeliest path must be for drafting to go on.</summary>
    public double Threshold { get; private set; } = First;

    /// <summary>How likely a path must be for drafting to go on along it while the target runs.</summary>
    public double AheadFrom { get; init; } = 0.05;

    /// <summary>Runs of the small model, and guesses that were there before their step began.</summary>
    public (long Runs, long Ahead) Counts => (_tree.Runs, _tree.Ahead);

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        int room = Math.Min(draft.Room, Model.Context - point.Text.Length - 1);
        if (room <= 0)
            return;

        if (_stream is not null)
            _stream.Idle = _ahead;   // of several texts, the latest is drafted ahead
        _text.Clear();
        _text.AddRange(point.Text);
        _tree.Begin(point.Text, 4 * room, draft.Branches);
        double least = IsPaced ? Math.Min(Threshold, WeighsCost && _running > 0 ? TokensRun * _drafting / _running : Most) : 0;
        while (_tree.Tokens.Count < room && Best() >= least && Open() > 0)
        {
            long start = Time.GetTimestamp();
            _tree.Expand(point.Text, CollectionsMarshal.AsSpan(_open));
            Take(ref _drafting, Time.GetElapsedTime(start).TotalSeconds);
        }

        _sent = Math.Min(room, _tree.Tokens.Count);
        for (int place = 0; place < _sent; place++)
        {
            DraftToken token = _tree.Tokens[place];
            if (token.Parent < _sent)
                draft.Add(token.Parent, token.Id, token.Confidence);
        }

        _asked = Time.GetTimestamp();
    }

    /// <summary>Drafts a little further while the target runs.</summary>
    /// <returns>Whether there was anything worth drafting.</returns>
    public bool DraftAhead()
    {
        if (!GoesOn || _text.Count == 0 || _tree.Tokens.IsFull || _tree.Tokens.Count > 3 * Math.Max(1, _sent) || Open() == 0)
            return false;

        while (_open.Count > 0 && _tree.Tokens[_open[^1]].Reach < AheadFrom)
            _open.RemoveAt(_open.Count - 1);
        if (_open.Count == 0)
            return false;
        _tree.Expand(CollectionsMarshal.AsSpan(_text), CollectionsMarshal.AsSpan(_open));
        return true;
    }

    /// <inheritdoc />
    public override void Learn(in Verdict verdict)
    {
        if (_asked > 0)
            Take(ref _running, Time.GetElapsedTime(_asked).TotalSeconds);
        _asked = 0;
        ReadOnlySpan<DraftToken> tokens = verdict.Draft.Tokens;
        int deepest = -1;
        for (int place = 0; place < tokens.Length; place++)
        {
            if (deepest < 0 || tokens[place].Reach > tokens[deepest].Reach || tokens[place].Parent == deepest)
                deepest = place;
        }

        if (!Adapts || deepest < 0)
            return;
        int drafted = tokens[deepest].Depth + 1, right = Math.Min(drafted, verdict.Path.Length);
        double reach = Math.Max(1e-12, tokens[deepest].Reach);
        Threshold = Math.Clamp(right == drafted ? Threshold / 2 : Threshold / Math.Pow(reach, (drafted - right) / (double)drafted), Least, Most);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        if (_stream is not null && _stream.Idle == _ahead)
            _stream.Idle = null;
        _tree.Dispose();
    }

    private static void Take(ref double mean, double seconds) => mean = mean > 0 ? mean + (Weight * (seconds - mean)) : seconds;

    /// <summary>How likely the likeliest path is.</summary>
    private double Best()
    {
        double best = 0;
        for (int place = 0; place < _tree.Tokens.Count; place++)
        {
            if (!_tree.IsExpanded(place))
                best = Math.Max(best, _tree.Tokens[place].Reach);
        }

        return best;
    }

    /// <summary>Picks the branches to extend: the likeliest, those ahead of the mean held back.</summary>
    private int Open()
    {
        _open.Clear();
        double depths = 0;
        for (int place = 0; place < _tree.Tokens.Count; place++)
        {
            if (_tree.IsExpanded(place))
                continue;
            _open.Add(place);
            depths += _tree.Tokens[place].Depth;
        }

        int wide = Math.Min(_open.Count, Model.Branches && _tree.Tokens.Branches ? Wide : 1), kept = 0;
        double mean = depths / Math.Max(1, _open.Count);
        for (; kept < wide; kept++)
        {
            int best = kept;
            for (int i = kept + 1; i < _open.Count; i++)
                best = Score(_open[i], mean) > Score(_open[best], mean) ? i : best;
            if (_tree.Tokens[_open[best]].Reach < Least)
                break;
            (_open[kept], _open[best]) = (_open[best], _open[kept]);
        }

        _open.RemoveRange(kept, _open.Count - kept);
        return kept;
    }

    private double Score(int place, double mean) => _tree.Tokens[place].Reach * Math.Pow(Pacing, Math.Max(0, _tree.Tokens[place].Depth - mean));
}
