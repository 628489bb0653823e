using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.States;
using Thimble.Sampling;

namespace Thimble.Speculative;

/// <summary>Several tokens of one text in one run of its model: guessed by a drafter, computed together, and kept as far as the
/// sampler chooses the same.</summary>
/// <remarks>
/// <para>The sampler draws each token as it would alone, from the logits after the tokens before it, with its own random number;
/// where a guess is what was drawn, the logits after it are there already. So the text is the one written without drafts, token for
/// token, whatever chain of steps, mask or seed is in force: logits have the same bits in any run.</para>
/// <para>A guess x is right with probability p(x), so a certain guess is taken as often as by the rejection rule.
/// A recurrent state has no branches and no way back: its drafts are chains, and where one fails the state from before the run
/// returns and the tokens taken are computed again with the next.</para>
/// <para>Source: Leviathan et al., "Fast Inference from Transformers via Speculative Decoding", 2023, algorithm 1;
/// Miao et al., "SpecInfer", 2023, sections 4.2 and 4.3.</para>
/// </remarks>
internal sealed class Speculation : IDisposable
{
    private readonly Drafter _drafter;
    private readonly DraftPace _pace;
    private readonly bool _ownsDrafter;
    private readonly TokenTree _tree = new();
    private readonly List<int> _path = [], _branch = [], _ids = [];
    private SequenceState? _state;
    private float[] _recurrent = [];
    private int _start, _pending, _node, _row, _rows;
    private bool _failed, _asked, _whole;

    /// <summary>Speculation on one text.</summary>
    /// <param name="drafter">Who guesses.</param>
    /// <param name="pace">How much is guessed; texts of one model that share a drafter's kind share it.</param>
    /// <param name="ownsDrafter">Whether the drafter ends with this.</param>
    public Speculation(Drafter drafter, DraftPace pace, bool ownsDrafter = true)
    {
        (_drafter, _pace, _ownsDrafter) = (drafter, pace, ownsDrafter);
    }

    /// <summary>The guess of this step.</summary>
    public Draft Draft { get; } = new();

    /// <summary>What came of all guesses so far.</summary>
    public DraftCounts Counts { get; private set; }

    /// <summary>Whether guessing takes only the text's tokens and next to no time.</summary>
    public bool IsFree => _drafter.IsFree;

    /// <summary>Whether a step has been added and not settled: what the model keeps is longer than what is right.</summary>
    public bool IsOpen => _state is not null;

    /// <summary>Rows whose logits are wanted: one after the text, one after each token guessed.</summary>
    public int Rows => Draft.Count + 1;

    /// <summary>Guesses how the text goes on.</summary>
    /// <param name="text">All tokens, shape [tokens].</param>
    /// <param name="pending">How many of them are yet to be computed, at least 1.</param>
    /// <param name="room">The most tokens that the cache, the context and the run have room for.</param>
    /// <param name="branches">Whether the model's state can branch.</param>
    /// <param name="sampler">What chooses the tokens.</param>
    /// <param name="others">Rows of the run that belong to others.</param>
    public void Propose(ReadOnlySpan<int> text, int pending, int room, bool branches, Sampler sampler, int others = 0)
    {
        // Where a chain failed, a recurrent state has tokens to catch up with; guessing on would let them pile up.
        bool catchesUp = !branches && pending > 1 && _failed;
        _failed = false;
        Draft.Clear(catchesUp ? 0 : Math.Min(room, _pace.Room(_drafter.IsFree)), branches, _pace.LeastReach(others + pending));
        _asked = Draft.Room > 0;
        if (!_asked)
            return;

        _rows = others + pending;
        long start = _pace.Time.GetTimestamp();
        _drafter.Propose(new DraftPoint(text, sampler), Draft);
        if (!_drafter.IsStochastic)
            _pace.Trim(Draft, _rows, _pace.Time.GetElapsedTime(start));
    }

    /// <summary>Adds the tokens to be computed and the guess to a run.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="state">What the model keeps of the text.</param>
    /// <param name="pending">Tokens of the text to be computed, at least one.</param>
    /// <param name="adapters">The adapters that they go through; null for none.</param>
    /// <param name="inserts">Where in the text vectors are given; null for nowhere.</param>
    /// <exception cref="CapacityException">The cache has no room; nothing has been added.</exception>
    public void Add(Pass pass, SequenceState state, ReadOnlySpan<int> pending, AdaptationSet? adapters = null, Inserts? inserts = null)
    {
        (_state, _start, _pending, _node) = (state, state.Length, pending.Length, -1);
        _path.Clear();
        _ids.Clear();
        _ids.AddRange(pending);
        CollectionsMarshal.SetCount(_ids, pending.Length + Draft.Count);
        Span<int> ids = CollectionsMarshal.AsSpan(_ids);
        Draft.CopyIds(ids[pending.Length..]);
        if (Draft.Count > 0 && !state.AllRecurrent.IsEmpty)
        {
            Array.Resize(ref _recurrent, state.AllRecurrent.Length);
            state.AllRecurrent.CopyTo(_recurrent);
        }

        if (IsChain())
        {
            pass.Add(state, ids, Rows, adapters, inserts);
            return;
        }

        _tree.Clear();
        for (int i = 0; i < pending.Length; i++)
            _tree.Add(i - 1);
        foreach (DraftToken token in Draft.Tokens)
            _tree.Add(pending.Length + token.Parent);
        pass.Add(state, ids, _tree, Rows, adapters, inserts);
    }

    /// <summary>Begins to read what the run computed.</summary>
    /// <param name="row">The text's first row of logits.</param>
    /// <returns>The row to choose the next token from.</returns>
    public int Begin(int row)
    {
        _row = row;
        return row;
    }

    /// <summary>Chooses the next token.</summary>
    /// <param name="sampler">What chooses the tokens.</param>
    /// <param name="logits">Of the row, shape [vocabulary].</param>
    /// <param name="mask">Tokens that may come; null for all.</param>
    public int Choose(Sampler sampler, ReadOnlySpan<float> logits, TokenMask? mask) => _drafter.Choose(sampler, logits, mask);

    /// <summary>Follows the text to the token that was chosen.</summary>
    /// <param name="token">The token.</param>
    /// <returns>The row to choose the token after it from; −1 where it was not guessed.</returns>
    public int Follow(int token)
    {
        _node = Draft.Child(_node, token);
        if (_node < 0)
            return -1;
        _path.Add(_node);
        return _row + 1 + _node;
    }

    /// <summary>Learns from the step, once all its tokens are chosen. Steps of other texts may be learnt from at the same time.</summary>
    /// <param name="logits">Of the run, shape [rows, vocabulary].</param>
    /// <param name="vectors">What those were made of, shape [rows, features].</param>
    public void Learn(Matrix logits, Matrix vectors)
    {
        Span<int> path = CollectionsMarshal.AsSpan(_path);
        _whole = path.Length == Draft.Count;
        lock (_pace)
        {
            if (Draft.Count > 0)
            {
                Counts = Counts.With(Draft.Count, path.Length, _pace.Saved(path.Length + 1, _rows, Draft.Count));
                _pace.Learn(Draft, path, ended: _node >= 0 && !_whole);
            }

            if (_asked && !_drafter.IsFree)
                _pace.Judge(path.Length + 1, _rows, Draft.Count);
            _drafter.Learn(new(Draft, path, logits.Part(_row, Rows), vectors.Part(_row, Rows)));
        }
    }

    /// <summary>Ends the step: what the model keeps of wrong guesses is forgotten.</summary>
    public void Settle()
    {
        if (!_whole && !_state!.AllRecurrent.IsEmpty)
        {
            _state.Truncate(_start, _recurrent);
            _failed = true;
        }
        else if (!_whole)
        {
            _branch.Clear();
            for (int i = 0; i < _pending; i++)
                _branch.Add(i);
            foreach (int node in _path)
                _branch.Add(_pending + node);
            _state!.Keep(_pending + Draft.Count, CollectionsMarshal.AsSpan(_branch));
        }

        _state = null;
    }

    /// <summary>Gives the step up: what the model keeps is cut by whoever calls.</summary>
    public void Abandon() => _state = null;

    /// <summary>Ends the drafter, if it is its own.</summary>
    public void Dispose()
    {
        if (_ownsDrafter)
            _drafter.Dispose();
    }

    private bool IsChain()
    {
        ReadOnlySpan<DraftToken> tokens = Draft.Tokens;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Parent != i - 1)
                return false;
        }

        return true;
    }
}
