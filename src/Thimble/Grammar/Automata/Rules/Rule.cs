namespace Thimble.Grammar;

/// <summary>A part of a grammar that is entered by name, and so may hold itself.</summary>
internal abstract class Rule
{
    /// <summary>Whether it may be left without a byte.</summary>
    public abstract bool CanBeEmpty { get; }

    /// <summary>Begins it with a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="parent">What goes on behind it.</param>
    /// <param name="next">Receives where the text then stands.</param>
    public abstract void Enter(byte value, Frame parent, Threads next);
}
