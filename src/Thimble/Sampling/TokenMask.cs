using System.Numerics;

namespace Thimble.Sampling;

/// <summary>Which tokens of a vocabulary may come next: one bit each.</summary>
/// <param name="vocabulary">Tokens in the vocabulary; none is allowed at first.</param>
internal sealed class TokenMask(int vocabulary)
{
    private readonly ulong[] _words = new ulong[(vocabulary + 63) / 64];

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; } = vocabulary;

    /// <summary>How many tokens are allowed.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>Whether no token is allowed.</summary>
    public bool IsEmpty => _words.AsSpan().IndexOfAnyExcept(0UL) < 0;

    /// <summary>Whether a token is allowed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of this vocabulary.</exception>
    public bool this[int id]
    {
        get => (_words[Word(id)] >> (id & 63) & 1) != 0;
        set
        {
            ulong bit = 1UL << (id & 63);
            if (value)
                _words[Word(id)] |= bit;
            else
                _words[Word(id)] &= ~bit;
        }
    }

    /// <summary>Allows every token.</summary>
    public void AllowAll()
    {
        _words.AsSpan().Fill(ulong.MaxValue);
        if ((Vocabulary & 63) != 0)
            _words[^1] = (1UL << (Vocabulary & 63)) - 1;
    }

    /// <summary>Allows none.</summary>
    public void Clear() => _words.AsSpan().Clear();

    /// <summary>Allows only what another mask allows too.</summary>
    /// <exception cref="ArgumentException">It is of another vocabulary.</exception>
    public void And(TokenMask other)
    {
        if (other.Vocabulary != Vocabulary)
            throw new ArgumentException($"The other mask is for {other.Vocabulary} tokens; expected {Vocabulary}.", nameof(other));
        for (int i = 0; i < _words.Length; i++)
            _words[i] &= other._words[i];
    }

    /// <summary>Allows what another mask allows, too.</summary>
    /// <exception cref="ArgumentException">It is of another vocabulary.</exception>
    public void Or(TokenMask other)
    {
        if (other.Vocabulary != Vocabulary)
            throw new ArgumentException($"The other mask is for {other.Vocabulary} tokens; expected {Vocabulary}.", nameof(other));
        for (int i = 0; i < _words.Length; i++)
            _words[i] |= other._words[i];
    }

    /// <summary>Allows some tokens, too.</summary>
    public void Allow(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
            _words[id >> 6] |= 1UL << (id & 63);
    }

    /// <summary>Forbids some tokens.</summary>
    public void Forbid(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
            _words[id >> 6] &= ~(1UL << (id & 63));
    }

    /// <summary>The first allowed id from one on; −1 where there is none.</summary>
    public int Next(int from)
    {
        ulong word = from < Vocabulary ? _words[from >> 6] & (ulong.MaxValue << (from & 63)) : 0;
        for (int i = from >> 6; ; word = _words[i])
        {
            if (word != 0)
                return (i * 64) + BitOperations.TrailingZeroCount(word);
            if (++i >= _words.Length)
                return -1;
        }
    }

    /// <summary>Writes the allowed ids, ascending.</summary>
    /// <param name="ids">Receives them; room for all of <see cref="Vocabulary"/>.</param>
    /// <returns>How many there are.</returns>
    public int CopyTo(Span<int> ids)
    {
        int count = 0;
        for (int i = 0; i < _words.Length; i++)
        {
            for (ulong word = _words[i]; word != 0; word &= word - 1)
                ids[count++] = (i * 64) + BitOperations.TrailingZeroCount(word);
        }

        return count;
    }

    private int Word(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Vocabulary);
        return id / 64;
    }
}
