namespace Thimble.Grammar;

/// <summary>A place in a text that may not be one of those that came before.</summary>
/// <param name="state">The place.</param>
/// <param name="parent">What goes on behind it.</param>
/// <param name="trace">What has been read of it.</param>
/// <param name="known">The earlier texts that it may still become.</param>
/// <param name="depth">Bytes read of it.</param>
internal abstract class TracedFrame(State state, Frame parent, Trace? trace, byte[][] known, int depth) : StateFrame(state, parent)
{
    /// <summary>What has been read of it.</summary>
    protected Trace? Trace => trace;

    /// <summary>The earlier texts that it may still become.</summary>
    protected byte[][] Rivals => known;

    /// <summary>Bytes read of it.</summary>
    protected int Length => depth;

    /// <inheritdoc />
    public override bool IsTraced => known.Length > 0;

    /// <inheritdoc />
    public override bool CanEnd => false;

    /// <summary>The rivals after one more byte.</summary>
    protected byte[][] After(byte value)
    {
        if (known.Length == 0)
            return known;
        int count = 0;
        foreach (byte[] text in known)
            count += text.Length > depth && text[depth] == value ? 1 : 0;
        return count == known.Length ? known : count == 0 ? [] : Array.FindAll(known, text => text.Length > depth && text[depth] == value);
    }

    /// <summary>Whether it is just now one of the earlier texts.</summary>
    protected static bool IsKnown(byte[][] rivals, int length) => Array.Exists(rivals, text => text.Length == length);

    private protected override bool IsAlike(Frame other) =>
        other is TracedFrame traced && ReferenceEquals(traced.State, State) && traced.Length == depth && traced.Rivals.Length == known.Length
        && Trace.Bytes(traced.Trace).AsSpan().SequenceEqual(Trace.Bytes(trace));
}
