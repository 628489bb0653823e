using System.Runtime.InteropServices;
using Thimble.Adapters;
using Thimble.Cache;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Scheduling;

/// <summary>Tokens and what the model keeps of them, kept in step: it can be cut at any length and continued.</summary>
/// <remarks>A recurrent state cannot be taken back, so copies are kept at some lengths; a cut goes back to the nearest one and
/// the tokens in between are computed again. Whoever owns the sequence may change its tokens at once while nothing runs in it;
/// what the model keeps follows when the engine next meets it.</remarks>
internal sealed class Sequence : IDisposable
{
    private const int Snapshots = 16;

    private readonly StatePool _pool;
    private readonly List<int> _tokens = [];
    private readonly List<(int Length, float[] States)> _snapshots = [];
    private int _valid = int.MaxValue;   // tokens, from the first on, of which State still speaks the truth

    /// <summary>An empty sequence.</summary>
    public Sequence(StatePool pool)
        : this(pool, new SequenceState(pool))
    {
    }

    private Sequence(StatePool pool, SequenceState state)
    {
        (_pool, State) = (pool, state);
    }

    /// <summary>What the model keeps.</summary>
    public SequenceState State { get; }

    /// <summary>Whose it is: what the model keeps of it is shared with no other tenant.</summary>
    public string Tenant { get; set; } = "";

    /// <summary>The last of its blocks that is kept for others, while it runs; null while it does not.</summary>
    public PrefixNode? Place { get; set; }

    /// <summary>What runs in it, from its arrival to its end.</summary>
    public Turn? Turn { get; set; }

    /// <summary>What follows it from generation to generation and ends with it; null for nothing.</summary>
    public IDisposable? Companion { get; set; }

    /// <summary>Whether its owner has let it go.</summary>
    public bool IsRetired { get; set; }

    /// <summary>The adapters that its tokens go through.</summary>
    public SequenceAdapters Adapters { get; private set; } = SequenceAdapters.None;

    /// <summary>Where vectors stand in place of tokens.</summary>
    public Inserts Inserts { get; private set; } = new();

    /// <summary>All tokens, those not yet computed included; below 0 where a vector stands.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens, those not yet computed included.</summary>
    public int Length => _tokens.Count;

    /// <summary>Tokens not yet computed, once it has settled.</summary>
    public ReadOnlySpan<int> Pending => Tokens[State.Length..];

    /// <summary>A prompt that the encoder has yet to read; null for none.</summary>
    public int[]? Unread { get; set; }

    /// <summary>Adds tokens to be computed.</summary>
    public void Append(ReadOnlySpan<int> tokens) => _tokens.AddRange(tokens);

    /// <summary>Adds tokens to be computed, and vectors in place of some.</summary>
    /// <param name="tokens">Ids, those of the vectors among them.</param>
    /// <param name="inserts">The vectors, each by its place in this sequence.</param>
    public void Append(ReadOnlySpan<int> tokens, IEnumerable<Insert> inserts)
    {
        foreach (Insert insert in inserts)
            Inserts.Add(insert.Start, insert.Rows);
        Append(tokens);
    }

    /// <summary>How many of the pending tokens a step with so much room can take; more than that only for rows that must come together.</summary>
    public int Ready(int room) => Inserts.Whole(State.Length, Math.Min(room, Pending.Length));

    /// <summary>Whether there are pages for more tokens without taking anybody's.</summary>
    public bool HasRoom(int tokens) => State.PagesFor(tokens) <= _pool.Pages.Free;

    /// <summary>Adds a token to be computed.</summary>
    public void Append(int token) => _tokens.Add(token);

    /// <summary>Keeps a copy of the recurrent states as they are now, if the model has any.</summary>
    public void Snapshot()
    {
        if (!_pool.IsRecurrent || State.Length == 0 || (_snapshots.Count > 0 && _snapshots[^1].Length == State.Length))
            return;
        if (_snapshots.Count == Snapshots)
            _snapshots.RemoveAt(0);
        _snapshots.Add((State.Length, State.AllRecurrent.ToArray()));
    }

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    /// <param name="length">In [0, <see cref="Length"/>].</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        _tokens.RemoveRange(length, _tokens.Count - length);
        _valid = Math.Min(_valid, Inserts.Truncate(length));
    }

    /// <summary>Lets its tokens, a beginning of which may be new, go through other adapters; what was computed with those before is computed again.</summary>
    public void Adapt(SequenceAdapters adapters)
    {
        _valid = Math.Min(_valid, adapters.Agreement(Adapters));
        Adapters = adapters;
    }

    /// <summary>Lets what the model keeps follow the tokens. Something is left to compute then.</summary>
    public void Settle()
    {
        _valid = Math.Min(_valid, Length - 1);
        if (_valid < State.Length)
            Restore(_valid);
        _valid = int.MaxValue;
    }

    /// <summary>Forgets all that was computed; the tokens stay.</summary>
    public void Drop()
    {
        _snapshots.Clear();
        State.Truncate(0, []);
    }

    /// <summary>Goes back to what the model kept after some tokens, or to a copy of before: what came later may be damaged.</summary>
    /// <param name="length">Tokens, at most those computed.</param>
    public void Restore(int length)
    {
        _snapshots.RemoveAll(snapshot => snapshot.Length > length);
        if (_pool.IsRecurrent)
            State.Truncate(_snapshots.Count > 0 ? _snapshots[^1].Length : 0, _snapshots.Count > 0 ? _snapshots[^1].States : []);
        else
            State.Truncate(length, []);
    }

    /// <summary>A second sequence that begins like this one and shares its memory until one of the two changes.</summary>
    public Sequence Fork()
    {
        if (_valid < State.Length)
            Restore(_valid);
        var copy = new Sequence(_pool, State.Fork()) { Unread = Unread, Tenant = Tenant };
        copy._tokens.AddRange(_tokens);
        copy._snapshots.AddRange(_snapshots);
        copy.Adapters = Adapters;
        copy.Inserts = Inserts.Copy();
        return copy;
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose()
    {
        _snapshots.Clear();
        State.Dispose();
        Companion?.Dispose();
        Companion = null;
    }
}
