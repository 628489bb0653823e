using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>The least time that operations take on a target: for each the longest of arithmetic, memory and messages.</summary>
/// <remarks>Source: Williams et al., "Roofline: An Insightful Visual Performance Model", 2009, section 3.</remarks>
internal static class Roofline
{
    /// <summary>Times every operation of a run.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="target">The machine.</param>
    public static Estimate Of(IReadOnlyList<Operation> operations, Target target)
    {
        target.Begin(operations);
        return new(target.Name, [.. operations.Select(operation => Of(operation, target))]);
    }

    private static OperationTime Of(Operation operation, Target target)
    {
        double compute = target.ComputeSeconds(operation), memory = target.MemorySeconds(operation), message = target.MessageSeconds(operation);
        double longest = Math.Max(compute, Math.Max(memory, message));
        string bound = longest == 0 ? "" : message == longest ? "message" : compute >= memory ? "compute" : target.Level(operation);
        return new(operation, longest + target.OverheadSeconds(operation), compute, memory, message, bound);
    }
}

/// <summary>What one operation takes, once.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Seconds">The least time.</param>
/// <param name="ComputeSeconds">Time of its arithmetic alone.</param>
/// <param name="MemorySeconds">Time of its bytes alone.</param>
/// <param name="MessageSeconds">Time of its messages alone.</param>
/// <param name="Bound">What takes longest: <c>compute</c>, <c>message</c>, or the level of memory that its bytes come from.</param>
internal sealed record OperationTime(
    Operation Operation, double Seconds, double ComputeSeconds, double MemorySeconds, double MessageSeconds, string Bound)
{
    /// <summary>Time of all its repetitions.</summary>
    public double Total => Seconds * Operation.Times;

    /// <summary>Operations for a byte.</summary>
    public double Intensity => Operation.Bytes > 0 ? Operation.Operations / Operation.Bytes : 0;
}

/// <summary>What a run takes.</summary>
/// <param name="Target">The machine.</param>
/// <param name="Times">Each operation's part, in order.</param>
internal sealed record Estimate(string Target, IReadOnlyList<OperationTime> Times)
{
    /// <summary>All operations' time.</summary>
    public double Seconds { get; } = Times.Sum(time => time.Total);

    /// <summary>All arithmetic.</summary>
    public double Operations { get; } = Times.Sum(time => time.Operation.Operations * time.Operation.Times);

    /// <summary>All bytes that are moved.</summary>
    public double Bytes { get; } = Times.Sum(time => time.Operation.Bytes * time.Operation.Times);

    /// <summary>All weights that are read.</summary>
    public double WeightBytes { get; } = Times.Sum(time => time.Operation.WeightBytes * time.Operation.Times);

    /// <summary>What bounds most of the time.</summary>
    public string Bound => Times.Count == 0 ? "" : Times.GroupBy(time => time.Bound).MaxBy(group => group.Sum(time => time.Total))!.Key;

    /// <summary>Time by what takes it: kernel and bound.</summary>
    public IEnumerable<(string Kernel, string Bound, double Seconds)> ByKernel() => Times
        .GroupBy(time => (time.Operation.Kernel, time.Bound))
        .Select(group => (group.Key.Kernel, group.Key.Bound, group.Sum(time => time.Total)));

    /// <summary>The most bytes of activations that are alive at once: an operation's own, and the stream that runs beside it.</summary>
    /// <param name="stream">Bytes of the residual stream.</param>
    public double PeakActivations(double stream) =>
        stream + Times.Select(time => time.Operation.ReadBytes + time.Operation.WrittenBytes).DefaultIfEmpty(0).Max();
}
