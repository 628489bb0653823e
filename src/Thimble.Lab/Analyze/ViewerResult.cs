using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>A model's cost in both of its stages.</summary>
/// <param name="Decode">One token for each sequence.</param>
/// <param name="Prefill">The prompt.</param>
internal sealed record ViewerResult(ViewerStage Decode, ViewerStage Prefill);

/// <summary>A stage's cost, by operation and in all.</summary>
/// <param name="Times">The operations, in order; each happens in as many layers as its <c>Times</c> says.</param>
internal sealed record ViewerStage(IReadOnlyList<OperationTime> Times)
{
    /// <summary>Bytes of memory that weights take.</summary>
    public double WeightMemory { get; init; }

    /// <summary>Bytes of memory that keys and values take.</summary>
    public double CacheMemory { get; init; }

    /// <summary>Bytes of memory that activations take.</summary>
    public double ActivationMemory { get; init; }

    /// <summary>All of them.</summary>
    public double Memory => WeightMemory + CacheMemory + ActivationMemory;

    /// <summary>Seconds.</summary>
    public double Seconds => Times.Sum(time => time.Total);

    /// <summary>Operations.</summary>
    public double Operations => Sum(time => time.Operation.Operations);

    /// <summary>Bytes moved.</summary>
    public double Bytes => Sum(time => time.Operation.Bytes);

    /// <summary>A sum over all operations and layers.</summary>
    public double Sum(Func<OperationTime, double> of) => Times.Sum(time => of(time) * time.Operation.Times);
}
