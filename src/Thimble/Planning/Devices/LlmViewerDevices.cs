using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>The devices of LLM-Viewer.</summary>
/// <remarks>Source: hahnyuan/LLM-Viewer (MIT), <c>hardwares/hardware_params.py</c>; the numbers are the makers'.</remarks>
internal static class LlmViewerDevices
{
    [ModuleInitializer]
    internal static void Register() => Devices.Add(
    [
        Of("nvidia_V100", "GPU", 9e11, 1.12e14, 6.2e13, 2.048e07),
        Of("nvidia_A6000", "GPU", 7.68e11, 154838500000000.0, 3.097e14, 2.1504e07),
        Of("nvidia_A100", "GPU", 1.555e12, 3.12e14, 6.24e14, 2.7648e07),
        Of("nvidia_A100_40G", "GPU", 1.555e12, 3.12e14, 6.24e14, 2.7648e07),
        Of("nvidia_A100_80G", "GPU", 2.039e12, 3.12e14, 6.24e14, 2.7648e07),
        Of("nvidia_A800_80G_SXM", "GPU", 2.039e12, 3.12e14, 6.24e14, 2.7648e07),
        Of("nvidia_A40", "GPU", 6.96e11, 1.497e14, 2.993e14, 2.1504e07),
        Of("nvidia_H100", "GPU", 3.072e12, 9.895e14, 1.979e15, 3.3792e07),
        Of("nvidia_H100_SXM", "GPU", 3.072e12, 9.895e14, 1.979e15, 3.3792e07),
        Of("nvidia_H100_PCIe", "GPU", 2.048e12, 7.565e14, 1.513e15, 2.9184e07),
        Of("nvidia_L40", "GPU", 8.64e11, 1.81e14, 3.62e14, 3.6352e07),
        Of("intel_13900k", "CPU", 8.96e10, 1.3824e12, 0, 3.6e07),
    ]);

    private static Device Of(string name, string kind, double bandwidth, double half, double bytes, double onChip) => new(name)
    {
        Class = kind,
        MemoryBytesPerSecond = bandwidth,
        OnChipBytes = onChip,
        OperationsPerSecond = bytes > 0
            ? new Dictionary<string, double> { [Device.F16] = half, [Device.I8] = bytes }
            : new Dictionary<string, double> { [Device.F16] = half },
        Source = "LLM-Viewer, hardware_params.py",
    };
}
