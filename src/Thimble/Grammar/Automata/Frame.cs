using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>Where a text stands in one part of a grammar, and what goes on behind that part. Never changes.</summary>
/// <param name="parent">What goes on behind it; null for the last.</param>
internal abstract class Frame(Frame? parent) : IEquatable<Frame>
{
    /// <summary>The deepest nesting; deeper, only what closes is allowed.</summary>
    public const int Deepest = 400;

    /// <summary>What goes on behind it; null for the last.</summary>
    public Frame? Parent { get; } = parent;

    /// <summary>Frames below it.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>Whether the text may end here.</summary>
    public abstract bool CanEnd { get; }

    /// <summary>Goes on by a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="next">Receives every place where the text then may stand; none where the byte may not follow.</param>
    public abstract void Step(byte value, Threads next);

    /// <summary>Bytes without which nothing goes on here; a walk need not try others.</summary>
    public virtual ByteSet Openers => ByteSet.All;

    /// <summary>Allows the tokens that may come next here.</summary>
    public virtual void Allow(TokenWalk walk, TokenMask mask) => walk.Whole(this, mask);

    /// <summary>Where a text stands once what it had entered is finished: this frame, or one behind it if nothing is left of this.</summary>
    public virtual Frame Resume() => this;

    /// <inheritdoc />
    public bool Equals(Frame? other)
    {
        Frame? mine = this;
        for (; ; (mine, other) = (mine.Parent, other.Parent))
        {
            if (ReferenceEquals(mine, other))
                return true;
            if (mine is null || other is null || mine.Depth != other.Depth || !mine.IsAlike(other))
                return false;
        }
    }

    /// <inheritdoc />
    public sealed override bool Equals(object? obj) => Equals(obj as Frame);

    /// <inheritdoc />
    public sealed override int GetHashCode() => HashCode.Combine(GetType(), Depth);

    /// <summary>Whether another frame of equal depth stands at the same place, parents left aside.</summary>
    private protected abstract bool IsAlike(Frame other);
}
