using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Keeps only a stretch's input and outcome, and computes what lies between once more when its gradient is pulled.</summary>
/// <remarks>Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016, section 4. Cost: one more forward run; memory
/// falls from all layers' values to one layer's and each layer's input.</remarks>
internal sealed class Checkpoint : Operation
{
    private readonly Func<Value, Value> _stretch;
    private readonly Value _x, _y;

    private Checkpoint(Func<Value, Value> stretch, Value x, Value y) => (_stretch, _x, _y) = (stretch, x, y);

    /// <summary>Runs a stretch.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Its input.</param>
    /// <param name="columns">Columns of its outcome; as many rows as the input.</param>
    /// <param name="stretch">Computes the outcome from the input and parameters alone, the same each time.</param>
    public static Value Of(Tape tape, Value x, int columns, Func<Value, Value> stretch)
    {
        if (tape.Pushes || !tape.Pulls)
            return stretch(x);

        Value y = tape.Rent(x.Rows, columns, isVaried: true);
        using (tape.Scratch.Mark())
        {
            tape.Pulls = false;
            stretch(new Value(new Loan(x.Result), x.IsVaried)).Result.Values.CopyTo(y.Result.Values);
            tape.Pulls = true;
        }

        return tape.Record(new Checkpoint(stretch, x, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;

        if (_x.IsVaried)
            _x.Gradient(tape);   // rented before the mark: it outlives what is computed once more
        using Arena.Scope _ = tape.Scratch.Mark();
        var input = new Value(new Loan(_x.Result), _x.IsVaried);
        tape.PullThrough(() => _stretch(input), _y.Gradient(tape));
        if (_x.IsVaried && input.HasGradient)
            Rows.Add(input.Gradient(tape), 1, _x.Gradient(tape));
    }

    /// <inheritdoc />
    public override void Push(Tape tape) => throw new InvalidOperationException("A tape with tangents keeps all values.");
}
