namespace Thimble.Lab.Training;

/// <summary>A step of a computation that knows its derivative both ways.</summary>
/// <remarks>Pull and push are each other's transpose: for any directions <c>⟨pull(g), t⟩ = ⟨g, push(t)⟩</c>, which the tests hold them to.</remarks>
internal abstract class Operation
{
    /// <summary>Reverse mode: from the outcome's gradient, adds to the gradients of what it was computed from.</summary>
    public abstract void Pull(Tape tape);

    /// <summary>Forward mode: from the tangents of what it was computed from, adds to the outcome's.</summary>
    public abstract void Push(Tape tape);
}
