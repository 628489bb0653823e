using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = mask ⊙ x / (1 − rate)</c>: drops values at random while gradients are pulled, and none otherwise.</summary>
/// <remarks>The mask is a function of a seed, the batch's tokens and the place, so that a layer that is computed again drops the same.
/// Source: Srivastava et al., "Dropout", 2014, section 4.</remarks>
internal sealed class Dropout : Operation
{
    private readonly Value _x, _y;
    private readonly ulong _seed;
    private readonly float _rate;

    private Dropout(Value x, float rate, ulong seed, Value y) => (_x, _rate, _seed, _y) = (x, rate, seed, y);

    /// <summary>Drops values.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="rate">The share dropped, in [0, 1).</param>
    /// <param name="seed">Names the mask.</param>
    public static Value Of(Tape tape, Value x, float rate, int seed)
    {
        if (rate == 0 || !tape.Learns)
            return x;
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried);
        ulong own = (uint)seed;
        foreach (int token in tape.Batch.Tokens)
            own = CounterNoise.Mix(own ^ (uint)token);
        var dropout = new Dropout(x, rate, own, y);
        y.Result.Values.Clear();
        dropout.Add(tape, x.Result, y.Result);
        return tape.Record(dropout, y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (_y.HasGradient && _x.IsVaried)
            Add(tape, _y.Gradient(tape), _x.Gradient(tape));
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Add(tape, _x.Tangent(tape), _y.Tangent(tape));
    }

    private void Add(Tape tape, Matrix from, Matrix to)
    {
        Loan x = new(from), y = new(to);
        uint least = (uint)(_rate * uint.MaxValue);
        float scale = 1 / (1 - _rate);
        tape.EachRow(from.Rows, row =>
        {
            ReadOnlySpan<float> source = x.Matrix[row];
            Span<float> sum = y.Matrix[row];
            ulong place = (ulong)row * (ulong)source.Length;
            for (int i = 0; i < source.Length; i++)
            {
                if ((uint)CounterNoise.Mix(_seed + place + (ulong)i) >= least)
                    sum[i] += scale * source[i];
            }
        });
    }
}
