using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>A format of single floats, which a product can read as they lie in the file.</summary>
internal interface IFloat<TSelf> : IBlock<TSelf>
    where TSelf : unmanaged, IFloat<TSelf>
{
    /// <summary>Reads a register of floats from <paramref name="source"/> on.</summary>
    static abstract TLane Load<TLane>(ref readonly TSelf source)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>One float's value.</summary>
    static abstract float Widen(TSelf value);
}
