using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>A machine as it was measured.</summary>
/// <remarks>What a run reads all comes from the nearest level that holds all of it, since the next run reads it again in the same order.
/// Activations are near and count as part of their kernel's rate.</remarks>
/// <param name="machine">The machine.</param>
/// <param name="threads">Threads that compute.</param>
internal sealed class MeasuredTarget(Machine machine, int threads) : Target
{
    private const double Holds = 0.6, Spills = 1.5;   // of a level: what fits beside other things; what no longer profits from it

    /// <summary>Kernels that are not measured, beside the measured one that is most like them.</summary>
    private static readonly Dictionary<string, string> s_likes = new (string Like, string[] Kernels)[]
    {
        ("Q4_0", ["Q4_1", "IQ4_NL", "MXFP4"]), ("Q5_0", ["Q5_1"]), ("Q4_K", ["IQ4_XS", "NVFP4"]), ("Q6_K", ["Q5_K"]), ("TQ2_0", ["TQ1_0"]),
        ("Q3_K", ["IQ3_S", "IQ3_XXS"]), ("Q2_K", ["IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_S", "IQ1_M"]), (Operation.Map, [Operation.Lookup]),
    }.SelectMany(group => group.Kernels.Select(kernel => (kernel, group.Like))).ToDictionary(StringComparer.Ordinal);

    private (MemoryLevel Level, double Share)[] _mix = [(machine.Levels[^1], 1)];

    public override string Name => $"{machine.Name} ({threads} threads)";

    public override void Begin(IReadOnlyList<Operation> operations)
    {
        double bytes = operations.Sum(operation => (operation.WeightBytes + operation.CacheReadBytes) * operation.Times);
        _mix = Mix(bytes);
    }

    public override double ComputeSeconds(Operation operation) =>
        operation.Operations == 0 ? 0 : operation.Operations / Rate(operation) / Share(operation.Kernel, "compute");

    public override double MemorySeconds(Operation operation)
    {
        double bytes = operation.WeightBytes + operation.CacheReadBytes + operation.CacheWrittenBytes;
        return bytes == 0 ? 0 : bytes * SecondsForByte() / Share(operation.Kernel, _mix[0].Level.Name);
    }

    public override double OverheadSeconds(Operation operation) => threads > 1 ? operation.Forks * machine.ForkSeconds : 0;

    public override string Level(Operation operation) => _mix[0].Level.Name;

    /// <summary>Levels that serve so many bytes, the one that serves most first.</summary>
    private (MemoryLevel Level, double Share)[] Mix(double bytes)
    {
        for (int i = 0; i < machine.Levels.Count - 1; i++)
        {
            double capacity = machine.Levels[i].Bytes * (machine.Levels[i].Shared ? 1 : threads);
            if (bytes <= Holds * capacity)
                return [(machine.Levels[i], 1)];
            if (bytes < Spills * capacity)
            {
                double far = ((bytes / capacity) - Holds) / (Spills - Holds);
                (MemoryLevel, double)[] both = [(machine.Levels[i], 1 - far), (machine.Levels[i + 1], far)];
                return far > 0.5 ? [both[1], both[0]] : both;
            }
        }

        return [(machine.Levels[^1], 1)];
    }

    private double SecondsForByte() => _mix.Sum(part => part.Share / Interpolated([.. part.Level.Rates.Select(rate => ((double)rate.Threads, rate.PerSecond))], threads));

    private double Rate(Operation operation)
    {
        string kernel = machine.Kernels.Any(rate => rate.Kernel == operation.Kernel) ? operation.Kernel
            : s_likes.GetValueOrDefault(operation.Kernel, operation.IsProduct ? "F32" : Operation.Map);
        KernelRate[] rates = [.. machine.Kernels.Where(rate => rate.Kernel == kernel)];
        if (rates.Length == 0)
            rates = [.. machine.Kernels];
        int[] counts = [.. rates.Select(rate => rate.Threads).Distinct().Order()];
        return Interpolated([.. counts.Select(count => ((double)count, Interpolated(
            [.. rates.Where(rate => rate.Threads == count).OrderBy(rate => rate.Tokens).Select(rate => ((double)rate.Tokens, rate.OperationsPerSecond))], operation.Rows)))], threads);
    }

    private double Share(string kernel, string level) =>
        (machine.Efficiencies.FirstOrDefault(efficiency => efficiency.Kernel == kernel && efficiency.Level == level)
        ?? machine.Efficiencies.FirstOrDefault(efficiency => efficiency.Kernel == "*" && efficiency.Level == level))?.Share ?? 1;

    /// <summary>A value between those that are known, straight over logarithms; the nearest outside.</summary>
    private static double Interpolated((double At, double Value)[] points, double at)
    {
        if (at <= points[0].At)
            return points[0].Value;
        for (int i = 1; i < points.Length; i++)
        {
            if (at <= points[i].At)
            {
                double share = Math.Log(at / points[i - 1].At) / Math.Log(points[i].At / points[i - 1].At);
                return points[i - 1].Value * Math.Pow(points[i].Value / points[i - 1].Value, share);
            }
        }

        return points[^1].Value;
    }
}
