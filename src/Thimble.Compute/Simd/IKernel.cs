namespace Thimble.Compute.Simd;

/// <summary>A computation that holds its operands and can run on any register width.</summary>
internal interface IKernel
{
    /// <summary>Runs the computation on registers of type <typeparamref name="TLane"/>.</summary>
    void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>;
}
