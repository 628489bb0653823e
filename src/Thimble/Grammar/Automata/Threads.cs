using System.Runtime.InteropServices;

namespace Thimble.Grammar;

/// <summary>All places where a text may stand: where a grammar is ambiguous, there are several.</summary>
internal sealed class Threads
{
    private const int Most = 2000;

    private readonly List<Frame> _frames = [];

    /// <summary>How many there are; none once the text has left the grammar.</summary>
    public int Count => _frames.Count;

    /// <summary>The places.</summary>
    public ReadOnlySpan<Frame> All => CollectionsMarshal.AsSpan(_frames);

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd
    {
        get
        {
            foreach (Frame frame in _frames)
            {
                if (frame.CanEnd)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Bytes without which nothing goes on.</summary>
    public ByteSet Openers
    {
        get
        {
            ByteSet all = default;
            foreach (Frame frame in _frames)
                all |= frame.Openers;
            return all;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _frames.Clear();

    /// <summary>Adds a place, unless it is there.</summary>
    /// <exception cref="CapacityException">The grammar is so ambiguous that there are too many.</exception>
    public void Add(Frame frame)
    {
        foreach (Frame known in _frames)
        {
            if (known.Equals(frame))
                return;
        }

        if (_frames.Count == Most)
            throw new CapacityException($"The grammar is ambiguous: more than {Most} readings of the text are open; allowed are {Most}. Write its alternatives so that they begin differently.", Most + 1, Most);
        _frames.Add(frame);
    }

    /// <summary>Goes on by a byte.</summary>
    public void Step(byte value, Threads next)
    {
        next.Clear();
        foreach (Frame frame in _frames)
            frame.Step(value, next);
    }

    /// <summary>Becomes what another is.</summary>
    public void Take(Threads other)
    {
        _frames.Clear();
        _frames.AddRange(other._frames);
    }
}
