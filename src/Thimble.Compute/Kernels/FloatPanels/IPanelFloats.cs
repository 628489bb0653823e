using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>How floats of thirty-two rows are packed, column after column, and how they become registers again.</summary>
/// <remarks>A register holds neighbouring rows. Row i of the first sixteen and row i + 16 lie so that one address gives both.</remarks>
internal unsafe interface IPanelFloats
{
    /// <summary>Bytes of one column.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether making registers of a column costs little beside the products of four tokens.</summary>
    static abstract bool IsCheap { get; }

    /// <summary>Packs thirty-two rows of a weight; rows past its end repeat the last.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="row">The first row.</param>
    /// <param name="panel">Receives them, shape [columns · <see cref="Bytes"/>].</param>
    /// <returns>The scale that <see cref="Low"/> and <see cref="High"/> take for this panel.</returns>
    static abstract float Pack(Weight weight, int row, byte* panel);

    /// <summary>Rows i and on of one column.</summary>
    /// <param name="column">The column's bytes, advanced by 4 · i, for i under 16.</param>
    /// <param name="scale">What <see cref="Pack"/> returned, in every lane.</param>
    static abstract TLane Low<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>Rows i + 16 and on of one column, likewise.</summary>
    static abstract TLane High<TLane>(byte* column, TLane scale)
        where TLane : unmanaged, ILane<TLane>;
}
