using System.Runtime.CompilerServices;

namespace Thimble.Planning;

/// <summary>Phones, boards and small computers. Where a maker gives no rate, it is cores × clock × lanes × 2, and said so.</summary>
/// <remarks>Memory rates are those of the bus: width × transfers a second; a program reaches 60 to 90 % of that.</remarks>
internal static class SmallDevices
{
    private const string Vector = "data sheet; rates are cores x clock x SIMD lanes x 2";

    [ModuleInitializer]
    internal static void Register() => Devices.Add(
    [
        Of("raspberry_pi_4", "board", 8, 12.8, 57.6, 0, 0, 2, 0.045, 7, $"Raspberry Pi 4 Model B, BCM2711, 4 x Cortex-A72 1.8 GHz, 32-bit LPDDR4-3200; {Vector}"),
        Of("raspberry_pi_5", "board", 8, 17.1, 153.6, 307.2, 614.4, 2, 0.09, 12, $"Raspberry Pi 5, BCM2712, 4 x Cortex-A76 2.4 GHz, 32-bit LPDDR4X-4267; {Vector}"),
        Of("orange_pi_5", "board", 16, 34.1, 268.8, 537.6, 1075, 4, 0.5, 15, $"Rockchip RK3588, 4 x Cortex-A76 2.4 GHz + 4 x Cortex-A55 1.8 GHz, 64-bit LPDDR4X-4267; {Vector}"),
        Of("jetson_orin_nano_8gb", "board", 8, 68, 1280, 2560, 20000, 4, 1, 15, "NVIDIA Jetson Orin Nano module data sheet: 68 GB/s, 20 TOPS dense INT8, 1.28 TFLOPS FP32"),
        Of("jetson_agx_orin_64gb", "board", 64, 204.8, 5320, 10640, 85000, 4, 2, 60, "NVIDIA Jetson AGX Orin module data sheet: 204.8 GB/s, 5.32 TFLOPS FP32, 85 TOPS dense INT8 on the GPU"),
        Of("iphone_15_pro", "phone", 8, 51.2, 2150, 4300, 35000, 24, 3, 5, "Apple A17 Pro: 64-bit LPDDR5-6400, GPU 2.15 TFLOPS FP32, Neural Engine 35 TOPS (Apple, 2023)"),
        Of("snapdragon_8_gen_3", "phone", 12, 76.8, 400, 800, 34000, 12, 4, 6, "Qualcomm Snapdragon 8 Gen 3 product brief: LPDDR5X-4800 x 64 bit; CPU rate from cores x clock x lanes x 2"),
        Of("snapdragon_8_gen_2", "phone", 12, 67.2, 350, 700, 26000, 8, 3, 6, "Qualcomm Snapdragon 8 Gen 2 product brief: LPDDR5X-4200 x 64 bit; CPU rate from cores x clock x lanes x 2"),
        Of("pixel_8", "phone", 8, 68.2, 300, 600, 9000, 4, 2, 5, "Google Tensor G3: 64-bit LPDDR5X-8533, 1 x X3, 4 x A715, 4 x A510; CPU rate from cores x clock x lanes x 2"),
        Of("mid_range_phone", "phone", 6, 17.1, 130, 260, 520, 2, 0.8, 4, "MediaTek Helio G99 class: 2 x A76 2.2 GHz + 6 x A55 2 GHz, 32-bit LPDDR4X-4266; rates are cores x clock x SIMD lanes x 2"),
        Of("apple_m2", "laptop", 16, 100, 3600, 3600, 15800, 8, 3, 20, "Apple M2 (Apple, 2022): 100 GB/s, 8-core GPU 2.9 to 10-core 3.6 TFLOPS, Neural Engine 15.8 TOPS"),
        Of("laptop_4_core", "laptop", 16, 51.2, 435, 435, 870, 8, 2, 28, "Intel Core i5-1135G7: 4 cores 3.4 GHz all-core AVX-512, DDR4-3200 x 128 bit; rates are cores x clock x SIMD lanes x 2"),
        Of("virtual_machine_2_core", "CPU", 8, 25, 105, 105, 210, 16, 1, 0, "two hardware threads of an AMD EPYC (Zen 4) server, as measured here: about 25 GB/s a core"),
    ]);

    /// <summary>A device in gigabytes, gigabytes a second and giga-operations a second; 0 for a number it has no rate of its own for.</summary>
    private static Device Of(
        string name, string kind, double gigabytes, double bandwidth, double single, double half, double bytes, double cacheMegabytes,
        double storage, double watts, string source)
    {
        Dictionary<string, double> rates = new() { [Device.F32] = single * 1e9, [Device.F16] = Math.Max(single, half) * 1e9 };
        if (bytes > 0)
            rates[Device.I8] = bytes * 1e9;
        return new(name)
        {
            Class = kind,
            MemoryBytes = gigabytes * 1e9,
            MemoryBytesPerSecond = bandwidth * 1e9,
            OnChipBytes = cacheMegabytes * 1e6,
            OperationsPerSecond = rates,
            StorageBytesPerSecond = storage * 1e9,
            Watts = watts,
            Source = source,
        };
    }
}
