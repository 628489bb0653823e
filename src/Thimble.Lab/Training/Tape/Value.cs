using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>A matrix that a tape has computed, and what is known of how the loss depends on it.</summary>
/// <param name="result">The numbers, shape [rows, columns].</param>
/// <param name="isVaried">Whether it depends on something that is trained, so that its gradient is worth computing.</param>
internal sealed class Value(Loan result, bool isVaried)
{
    private Loan _gradient, _tangent;
    private bool _begun;

    /// <summary>Whether it depends on something that is trained.</summary>
    public bool IsVaried { get; } = isVaried;

    /// <summary>Its numbers, shape [<see cref="Rows"/>, <see cref="Columns"/>].</summary>
    public Matrix Result => result.Matrix;

    /// <summary>Rows.</summary>
    public int Rows => result.Matrix.Rows;

    /// <summary>Columns.</summary>
    public int Columns => result.Matrix.Columns;

    /// <summary>Whether anything has asked for its gradient.</summary>
    public bool HasGradient => !_gradient.IsEmpty;

    /// <summary>Whether it moves in the direction of the tape.</summary>
    public bool HasTangent => !_tangent.IsEmpty;

    /// <summary>The loss's gradient, to be added to; zeros at first.</summary>
    /// <param name="tape">Lends room.</param>
    public Matrix Gradient(Tape tape)
    {
        if (_gradient.IsEmpty)
            _gradient = tape.LendZeros(Rows, Columns);
        return _gradient.Matrix;
    }

    /// <summary>How it moves in the direction of the tape, to be added to; zeros at first.</summary>
    /// <param name="tape">Lends room.</param>
    public Matrix Tangent(Tape tape)
    {
        if (_tangent.IsEmpty)
            _tangent = tape.LendZeros(Rows, Columns);
        return _tangent.Matrix;
    }

    /// <summary>Notes that an operation has it as its outcome.</summary>
    /// <returns>Whether it is the first: behind its own gradient run nobody asks for the value's gradient.</returns>
    public bool Begin()
    {
        bool first = !_begun;
        _begun = true;
        return first;
    }

    /// <summary>Gives the room of its gradient back.</summary>
    public void Release(Tape tape)
    {
        if (_gradient.IsEmpty)
            return;
        tape.Spare(_gradient);
        _gradient = default;
    }
}
