using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>A device as its data sheet describes it.</summary>
/// <param name="device">The device.</param>
/// <param name="number">What products are computed in: <c>F32</c>, <c>F16</c>, <c>I8</c> or <c>I4</c>.</param>
/// <param name="efficiency">The share of its peaks that is reached.</param>
internal sealed class TableTarget(Device device, string number = Device.F16, double efficiency = 1) : Target
{
    public override string Name => device.Name;

    public override double ComputeSeconds(Operation operation) =>
        operation.Operations / (device.Peak(operation.IsProduct ? number : Device.F16) * efficiency);

    public override double MemorySeconds(Operation operation)
    {
        double kept = (operation.Kept.HasFlag(Kept.Read) ? operation.ReadBytes : 0) + (operation.Kept.HasFlag(Kept.Written) ? operation.WrittenBytes : 0);
        double near = device.OnChipBytesPerSecond > 0 ? kept / device.OnChipBytesPerSecond : 0;
        return (((operation.Bytes - kept) / device.MemoryBytesPerSecond) + near) / efficiency;
    }

    public override double MessageSeconds(Operation operation) => operation.Collective is not { } collective || device.LinkBytesPerSecond == 0
        ? 0
        : Collectives.Seconds(collective, device.LinkBytesPerSecond, device.LinkSeconds);
}
