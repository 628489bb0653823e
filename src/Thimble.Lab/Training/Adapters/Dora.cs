using System.Numerics.Tensors;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Adapters;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>DoRA: <c>y = m / ‖V‖ ⊙ V·x</c> with <c>V = W + s·B·A</c>; lengths m of rows and low-rank turns are trained apart.</summary>
/// <remarks>m begins as W's own lengths, computed as they are later, so that nothing changes at first, to the bit. The gradient goes
/// through ‖V‖, which the paper holds fixed to spare memory (section 4.3); here it costs two products of small rank.
/// Source: Liu et al., "DoRA: Weight-Decomposed Low-Rank Adaptation", 2024, eq. 5.</remarks>
internal sealed class Dora : IChange
{
    private readonly Parameter _weight;
    private readonly LowRank _turn;
    private float[]? _merged;   // ‖V‖ when it was put into the weight, which then no longer tells

    /// <param name="weight">The frozen weight.</param>
    /// <param name="options">Rank, alpha and dropout.</param>
    /// <param name="random">Draws A.</param>
    public Dora(Parameter weight, TrainedAdapterOptions options, Random random)
    {
        (_weight, _turn) = (weight, new LowRank(weight, options, random));
        float[] lengths = new float[weight.Rows], row = new float[weight.Columns];
        for (int i = 0; i < lengths.Length; i++)
        {
            weight.Read(i, row);
            lengths[i] = MagnitudeChange.Length(row, [], [], 0);
            if (lengths[i] == 0)
                throw new NotSupportedException($"Row {i} of '{weight.Name}' is zero and has no direction that DoRA could keep; use LoRA, or leave the weight out of the targets.");
        }

        Lengths = new Parameter($"{weight.Name}.lora_magnitude_vector", lengths, lengths.Length) { IsTrained = true };
    }

    /// <summary>m, shape [1, outputs].</summary>
    public Parameter Lengths { get; }

    /// <inheritdoc />
    public IEnumerable<Parameter> Parameters => [.. _turn.Parameters, Lengths];

    /// <inheritdoc />
    public IEnumerable<DraftPart> Parts =>
        [.. _turn.Parts, new(_weight.Name, "lora_magnitude_vector", [.. Lengths.Values], 0) { OutputRows = Lengths.Length }];

    /// <inheritdoc />
    public Value Apply(Tape tape, Value x, Value y) => Lengthened.Of(tape, _turn.Apply(tape, x, y), _weight, _turn, Lengths);

    /// <inheritdoc />
    public void Merge(Gemm gemm, Matrix weight)
    {
        _turn.Merge(gemm, weight);
        _merged = new float[weight.Rows];
        float[] room = new float[weight.Columns];
        for (int i = 0; i < weight.Rows; i++)
        {
            weight[i].CopyTo(room);
            _merged[i] = MagnitudeChange.Length(room, [], [], 0);
            TensorPrimitives.Multiply(weight[i], Lengths.Values[i] / _merged[i], weight[i]);
        }
    }

    /// <inheritdoc />
    public void Unmerge(Gemm gemm, Matrix weight)
    {
        if (_merged is null)
            throw new NotSupportedException($"DoRA on '{_weight.Name}' was not merged here, and the merged weight does not tell how long its rows were. Keep the base's file.");
        for (int i = 0; i < weight.Rows; i++)
            TensorPrimitives.Multiply(weight[i], _merged[i] / Lengths.Values[i], weight[i]);
        _turn.Unmerge(gemm, weight);
        _merged = null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _turn.Dispose();
        Lengths.Dispose();
    }
}
