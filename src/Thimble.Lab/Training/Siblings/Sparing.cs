using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Gates as they are; the reverse run adds the gradient of <c>weight · mean(relu(g)) / rms(g)</c> of each row, and counts the gates at nothing.</summary>
/// <remarks>With <c>r = rms(g)</c> and <c>m = mean(relu(g))</c> over n gates: <c>∂/∂gᵢ = ([gᵢ &gt; 0] − m·gᵢ/r²) / (n·r)</c>.</remarks>
internal sealed class Sparing : Operation
{
    private readonly Value _gates;
    private readonly SparseActivations _sparse;

    private Sparing(Value gates, SparseActivations sparse) => (_gates, _sparse) = (gates, sparse);

    /// <summary>Watches gates.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="gates">Before their function, shape [rows, gates].</param>
    /// <param name="sparse">The weight, and who counts.</param>
    /// <returns>The same gates.</returns>
    public static Value Of(Tape tape, Value gates, SparseActivations sparse) => tape.Record(new Sparing(gates, sparse), gates);

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        Loan g = new(_gates.Result), slopes = new(_gates.Gradient(tape));
        int[] nothing = new int[_gates.Rows];
        float weight = _sparse.Weight[0] * _sparse.Share / _gates.Rows;
        tape.EachRow(_gates.Rows, row => nothing[row] = Add(g.Matrix[row], weight, slopes.Matrix[row]));
        _sparse.Count(nothing.Sum(), (long)_gates.Rows * _gates.Columns);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        // The term is no part of the loss that is pushed: tangents pass.
    }

    /// <summary>Adds a row's gradient.</summary>
    /// <returns>Gates at nothing.</returns>
    internal static int Add(ReadOnlySpan<float> gates, float weight, Span<float> slopes)
    {
        float square = TensorPrimitives.SumOfSquares(gates) / gates.Length, sum = 0;
        int nothing = 0;
        foreach (float gate in gates)
        {
            sum += Math.Max(0, gate);
            nothing += gate > 0 ? 0 : 1;
        }

        if (square == 0)
            return nothing;
        float each = weight / (gates.Length * MathF.Sqrt(square)), back = sum / gates.Length / square;
        for (int i = 0; i < slopes.Length; i++)
            slopes[i] += each * ((gates[i] > 0 ? 1 : 0) - (back * gates[i]));
        return nothing;
    }
}
