using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Speculative;

/// <summary>A tree of guesses that a drafting model extends where it is told to, several branches in one run.</summary>
/// <remarks>It outlives a step: where the text went the way of a branch, what was guessed beyond is still there.</remarks>
/// <param name="model">The drafting model.</param>
internal sealed class GrowingTree(DraftModel model) : IDisposable
{
    private const int Likely = 3;
    private const double Close = 0.3;   // a second choice is worth a branch when it is at least so likely beside the first

    private readonly DraftText _text = new(model);
    private readonly TokenTree _read = new();
    private readonly List<int> _places = [], _ids = [], _fresh = [], _path = [], _before = new(DraftText.RoomFor(model));
    private readonly List<DraftToken> _kept = [];
    private readonly List<bool> _expanded = [];

    /// <summary>The guesses.</summary>
    public Draft Tokens { get; } = new();

    /// <summary>Runs of the drafting model so far.</summary>
    public long Runs { get; private set; }

    /// <summary>Guesses that were there before their step began.</summary>
    public long Ahead { get; private set; }

    /// <summary>Begins a step: keeps what was guessed on the way the text went, and guesses the next tokens where nothing is left.</summary>
    /// <param name="text">All tokens, at least one.</param>
    /// <param name="room">The most tokens of the tree.</param>
    /// <param name="branches">Whether it may branch.</param>
    public void Begin(ReadOnlySpan<int> text, int room, bool branches)
    {
        int from = _before.Count;
        bool follows = from > 0 && from <= text.Length && text[..from].SequenceEqual(CollectionsMarshal.AsSpan(_before));
        _before.Clear();
        _before.AddRange(text);
        if (follows && Descend(text[from..], room, branches))
        {
            Ahead += Tokens.Count;
            return;
        }

        Tokens.Clear(room, branches);
        _expanded.Clear();
        Forget();
        Matrix scores = _text.Read(text, out _);
        Runs++;
        Branch(-1, scores[0]);
    }

    /// <summary>Whether a token has been extended.</summary>
    public bool IsExpanded(int place) => place < _expanded.Count && _expanded[place];

    /// <summary>Extends tokens by what may follow them, in one run.</summary>
    /// <param name="text">All tokens of the text.</param>
    /// <param name="places">Tokens not yet extended.</param>
    public void Expand(ReadOnlySpan<int> text, ReadOnlySpan<int> places)
    {
        if (!_text.Tokens.SequenceEqual(text))
        {
            // What was guessed ahead has not been read since the text went on.
            Forget();
            _text.Read(text, out _);
            Runs++;
        }

        _fresh.Clear();
        foreach (int place in places)
            Require(place);
        _fresh.Sort();
        _ids.Clear();
        foreach (int place in _fresh)
        {
            _read.Add(Tokens[place].Parent < 0 ? -1 : _places.IndexOf(Tokens[place].Parent));
            _places.Add(place);
            _ids.Add(Tokens[place].Id);
        }

        Matrix scores = model.Read(_text.State, CollectionsMarshal.AsSpan(_ids), model.Branches ? _read : null, _ids.Count, out _);
        Runs++;
        foreach (int place in places)
            Branch(place, scores[_fresh.IndexOf(place)]);
    }

    /// <summary>Ends its text.</summary>
    public void Dispose() => _text.Dispose();

    /// <summary>A token and those before it are to be read, where they have not been.</summary>
    private void Require(int place)
    {
        for (; place >= 0 && !_places.Contains(place) && !_fresh.Contains(place); place = Tokens[place].Parent)
            _fresh.Add(place);
    }

    private void Branch(int place, ReadOnlySpan<float> scores)
    {
        Span<(int Id, double Probability)> top = stackalloc (int, double)[Likely];
        int count = model.Likeliest(scores, top);
        for (int i = 0; i < (Tokens.Branches && model.Branches ? count : 1); i++)
        {
            if (i == 0 || top[i].Probability > Close * top[0].Probability)
                Tokens.Add(place, top[i].Id, top[i].Probability);
        }

        while (_expanded.Count < Tokens.Count)
            _expanded.Add(false);
        if (place >= 0)
            _expanded[place] = true;
    }

    private void Forget()
    {
        _text.Forget();
        _read.Clear();
        _places.Clear();
    }

    /// <summary>Follows the text into the tree; what lies beyond becomes the tree.</summary>
    /// <returns>Whether anything lies there.</returns>
    private bool Descend(ReadOnlySpan<int> text, int room, bool branches)
    {
        int at = -1;
        foreach (int token in text)
        {
            at = Tokens.Child(at, token);
            if (at < 0)
                return false;
        }

        _kept.Clear();
        _path.Clear();
        for (int place = at + 1; place < Tokens.Count; place++)
        {
            DraftToken token = Tokens[place];
            int parent = token.Parent == at ? -1 : _path.IndexOf(token.Parent);
            if (token.Parent != at && parent < 0)
                continue;
            _path.Add(place);
            _kept.Add(token with { Parent = parent });
        }

        if (_kept.Count == 0)
            return false;

        Tokens.Clear(room, branches);
        foreach (DraftToken token in _kept)
            Tokens.Add(token.Parent, token.Id, token.Confidence);
        Forget();
        _expanded.Clear();
        for (int place = 0; place < Tokens.Count; place++)
            _expanded.Add(HasChild(place));
        return true;
    }

    private bool HasChild(int place)
    {
        foreach (DraftToken token in Tokens.Tokens)
        {
            if (token.Parent == place)
                return true;
        }

        return false;
    }
}
