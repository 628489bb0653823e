using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>The systems of GenZ.</summary>
/// <remarks>Source: abhibambhaniya/GenZ-LLM-Analyzer (MIT), <c>Systems/system_configs.py</c>; the numbers are the makers'.</remarks>
internal static class GenZSystems
{
    [ModuleInitializer]
    internal static void Register() => Devices.Add(
    [
        Of("A100_40GB_GPU", "GPU", 312, 40, 1600, 150),
        Of("A100_80GB_GPU", "GPU", 312, 80, 2039, 150),
        Of("H100_GPU", "GPU", 989, 80, 3400, 450),
        Of("GH200_GPU", "GPU", 1979, 144, 4900, 450),
        Of("B100", "GPU", 3500, 192, 8000, 900, linkMicroseconds: 0.25),
        Of("GB200", "GPU", 4500, 192, 8000, 900, linkMicroseconds: 0.25),
        Of("TPUv6", "TPU", 926, 32, 1640, 100),
        Of("TPUv5e", "TPU", 197, 16, 820, 50),
        Of("TPUv5p", "TPU", 459, 95, 2765, 450),
        Of("TPUv4", "TPU", 275, 32, 1228, 24),
        Of("MI300X", "GPU", 1307, 192, 5300, 400),
        Of("MI325X", "GPU", 1307, 256, 6000, 400),
        Of("Gaudi3", "TPU", 1835, 128, 3675, 300),
    ]);

    /// <summary>A system in teraflops, gigabytes and gigabytes a second.</summary>
    private static Device Of(string name, string kind, double teraflops, double gigabytes, double bandwidth, double link, double linkMicroseconds = 1) => new(name)
    {
        Class = kind,
        MemoryBytes = gigabytes * 1e9,
        MemoryBytesPerSecond = bandwidth * 1e9,
        OnChipBytesPerSecond = 18_000e9,
        OperationsPerSecond = new Dictionary<string, double>
        {
            [Device.F32] = teraflops * 1e12 / 2,
            [Device.F16] = teraflops * 1e12,
            [Device.I8] = teraflops * 1e12 * 2,
            [Device.I4] = teraflops * 1e12 * 4,
        },
        LinkBytesPerSecond = link * 1e9,
        LinkSeconds = linkMicroseconds * 1e-6,
        Source = "GenZ, system_configs.py",
    };
}
