using System.Diagnostics.CodeAnalysis;
using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Follows one text through a grammar, token by token, and says which tokens may come next.</summary>
/// <param name="grammar">The grammar in a vocabulary.</param>
internal sealed class Matcher(TokenGrammar grammar)
{
    private readonly TokenWalk _walk = new(grammar.Trie);
    private readonly TokenMask _mask = new(grammar.Trie.Vocabulary);
    private Threads _now = Begin(grammar), _next = new();
    private bool _ended;

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete => _ended || _now.CanEnd;

    /// <summary>Whether the text is complete and nothing may follow.</summary>
    public bool IsFinished => _ended || (_now.Count == 1 && _now.All[0] is EndFrame);

    /// <summary>Works out which tokens may come next.</summary>
    /// <returns>A mask that the next call fills anew.</returns>
    /// <exception cref="NotSupportedException">No token of this vocabulary may come: it cannot write what the grammar asks for.</exception>
    /// <exception cref="CapacityException">The grammar has grown too large.</exception>
    public TokenMask Mask()
    {
        _mask.Clear();
        Fill(_mask);
        return _mask;
    }

    /// <summary>Allows the tokens that may come next.</summary>
    /// <param name="mask">Receives them, beside those it has.</param>
    /// <exception cref="NotSupportedException">No token of this vocabulary may come: it cannot write what the grammar asks for.</exception>
    /// <exception cref="CapacityException">The grammar has grown too large.</exception>
    public void Fill(TokenMask mask)
    {
        if (!_ended)
            _walk.Fill(_now, mask);
        if (IsComplete)
            mask.Allow(grammar.Ends);
        if (!IsComplete && mask.IsEmpty)
            RefuseVocabulary();
    }

    /// <summary>Goes on by a token.</summary>
    /// <returns>Whether it may follow; if not, nothing has changed.</returns>
    public bool Accept(int token)
    {
        if (_ended)
            return false;
        if (grammar.IsEnd(token))
            return _ended = _now.CanEnd;
        return Take(grammar.Text(token));
    }

    /// <summary>How many of some tokens, one behind the other, may follow. Changes nothing.</summary>
    public int Acceptable(ReadOnlySpan<int> tokens)
    {
        MatcherSnapshot here = Snapshot();
        int count = 0;
        while (count < tokens.Length && Accept(tokens[count]))
            count++;
        Restore(here);
        return count;
    }

    /// <summary>Goes on by text, given as UTF-8.</summary>
    /// <returns>Whether it may follow; if not, nothing has changed.</returns>
    public bool Take(ReadOnlySpan<byte> text)
    {
        if (_ended || text.IsEmpty)
            return false;
        MatcherSnapshot here = Snapshot();
        foreach (byte value in text)
        {
            _now.Step(value, _next);
            (_now, _next) = (_next, _now);
            if (_now.Count > 0)
                continue;
            Restore(here);
            return false;
        }

        return true;
    }

    /// <summary>The bytes that must come next, whatever the model would say.</summary>
    /// <param name="most">The most to find.</param>
    /// <returns>The bytes; they may end within a character.</returns>
    public byte[] Forced(int most = 256)
    {
        MatcherSnapshot here = Snapshot();
        List<byte> forced = [];
        while (forced.Count < most && !IsComplete && OnlyByte() is { } value)
        {
            forced.Add(value);
            Take([value]);
        }

        Restore(here);
        return [.. forced];
    }

    /// <summary>The state now.</summary>
    public MatcherSnapshot Snapshot() => new(_now.All.ToArray(), _ended);

    /// <summary>Goes back, or forward, to a state of a matcher of the same grammar.</summary>
    public void Restore(MatcherSnapshot snapshot)
    {
        _now.Clear();
        foreach (Frame frame in snapshot.Frames)
            _now.Add(frame);
        _ended = snapshot.Ended;
    }

    /// <summary>A second matcher that stands where this one does.</summary>
    public Matcher Fork()
    {
        var copy = new Matcher(grammar);
        copy.Restore(Snapshot());
        return copy;
    }

    private byte? OnlyByte()
    {
        int only = -1;
        for (int value = 0; value < 256; value++)
        {
            _now.Step((byte)value, _next);
            if (_next.Count == 0)
                continue;
            if (only >= 0)
                return null;
            only = value;
        }

        return only < 0 ? null : (byte)only;
    }

    private static Threads Begin(TokenGrammar grammar)
    {
        var threads = new Threads();
        threads.Add(grammar.Syntax.Start);
        return threads;
    }

    [DoesNotReturn]
    private void RefuseVocabulary()
    {
        var bytes = new List<string>();
        for (int value = 0; value < 256; value++)
        {
            _now.Step((byte)value, _next);
            if (_next.Count > 0)
                bytes.Add(value is > 32 and < 127 ? $"'{(char)value}'" : $"0x{value:X2}");
        }

        throw new NotSupportedException($"The model's vocabulary has no token that may come next: the format asks for a text that goes on with {string.Join(" or ", bytes.Take(8))}. Use a format that this vocabulary can write.");
    }
}
