using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Adapters;

namespace Thimble.Lab.Training;

/// <summary>Something that changes a product and is trained in place of its weight: an adapter.</summary>
internal interface IChange : IDisposable
{
    /// <summary>What it trains.</summary>
    IEnumerable<Parameter> Parameters { get; }

    /// <summary>What a file of it holds.</summary>
    IEnumerable<DraftPart> Parts { get; }

    /// <summary>The changed product.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">What was multiplied, shape [rows, inputs].</param>
    /// <param name="y">The product, without bias, shape [rows, outputs].</param>
    Value Apply(Tape tape, Value x, Value y);

    /// <summary>Puts the change into the weight.</summary>
    /// <param name="gemm">Multiplies.</param>
    /// <param name="weight">The weight's values, shape [outputs, inputs].</param>
    /// <exception cref="NotSupportedException">No weight can hold it.</exception>
    void Merge(Gemm gemm, Matrix weight);

    /// <summary>Takes the change out of the weight again, to within rounding.</summary>
    /// <param name="gemm">Multiplies.</param>
    /// <param name="weight">The merged weight's values, shape [outputs, inputs].</param>
    /// <exception cref="NotSupportedException">No weight can hold it, or it was not merged here and the weight does not tell what it was.</exception>
    void Unmerge(Gemm gemm, Matrix weight);
}
