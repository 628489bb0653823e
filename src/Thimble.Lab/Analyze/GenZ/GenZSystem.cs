using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>A node as GenZ sees it: time is the longest of arithmetic, memory and network; on-chip bytes cost little.</summary>
/// <param name="device">The node.</param>
/// <param name="platform">How nodes work together.</param>
/// <param name="offloaded">Bytes that are needed where they do not fit; 0 where they do.</param>
internal sealed class GenZSystem(Device device, Platform platform, double offloaded) : Target
{
    /// <summary>How much longer a gigabyte of powers of two is.</summary>
    public const double Binary = (1 << 30) / 1e9;

    private readonly double _memory = MemoryBandwidth(device, platform, offloaded);

    public override string Name => device.Name;

    /// <summary>Seconds of 16-bit arithmetic that the same takes in a kind of number.</summary>
    public static double Slowness(string number) => number switch
    {
        Device.F32 => 2,
        Device.I8 => 0.5,
        Device.I4 => 0.25,
        _ => 1,
    };

    public override double ComputeSeconds(Operation operation) =>
        operation.Operations / 2 * Slowness(platform.Number) / (device.Peak(Device.F16) / 2) / platform.Efficiency;

    public override double MemorySeconds(Operation operation)
    {
        if (operation.Operations == 0)
            return 0;
        double near = device.OnChipBytesPerSecond * Scale;
        bool readNear = operation.Kept.HasFlag(Kept.Read) && near > 0, writtenNear = operation.Kept.HasFlag(Kept.Written) && near > 0;
        return ((operation.ReadBytes / (readNear ? near : _memory)) + ((operation.WeightBytes + operation.CacheReadBytes + operation.CacheWrittenBytes) / _memory)
            + (operation.WrittenBytes / (writtenNear ? near : _memory))) / platform.Efficiency;
    }

    public override double MessageSeconds(Operation operation) => operation.Collective is not { } collective
        ? 0
        : Collectives.Seconds(collective, device.LinkBytesPerSecond * Scale, device.LinkSeconds);

    private double Scale => platform.Compatible ? Binary : 1;

    /// <summary>What memory gives; where some of it lies outside, what both give together while the slower works.</summary>
    private static double MemoryBandwidth(Device device, Platform platform, double needed)
    {
        double scale = platform.Compatible ? Binary : 1, own = device.MemoryBytesPerSecond * scale, capacity = device.MemoryBytes * scale;
        if (needed == 0)
            return own;
        return needed / Math.Max(Math.Min(needed, capacity) / own, (needed - capacity) / (platform.OffloadBytesPerSecond * scale));
    }
}
