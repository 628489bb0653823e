using System.Globalization;
using Thimble.Compute.Simd;

namespace Thimble.Planning;

/// <summary>What the system tells of this machine.</summary>
internal static class Topology
{
    /// <summary>The processor's name.</summary>
    public static string Processor { get; } = Line("/proc/cpuinfo", "model name") ?? Line("/proc/cpuinfo", "CPU part")
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? global::System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The widest registers that kernels use.</summary>
    public static string Registers { get; } = V512.IsSupported ? "512 bit" : V256.IsSupported ? "256 bit" : V128.IsSupported ? "128 bit" : "scalar";

    /// <summary>Bytes of memory.</summary>
    public static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Bytes of memory that nobody uses.</summary>
    public static long FreeBytes => Line("/proc/meminfo", "MemAvailable") is { } text
        && long.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out long kibi) ? Math.Min(kibi << 10, MemoryBytes) : MemoryBytes;

    /// <summary>Whether the system gives large pages.</summary>
    public static string LargePages
    {
        get
        {
            string text = Text("/sys/kernel/mm/transparent_hugepage/enabled");
            int from = text.IndexOf('[', StringComparison.Ordinal), to = text.IndexOf(']', StringComparison.Ordinal);
            return from >= 0 && to > from ? text[(from + 1)..to] : "";
        }
    }

    /// <summary>The data caches of the first core, nearest first.</summary>
    /// <returns>Level, bytes, and whether cores share it; guesses where the system does not tell.</returns>
    public static IReadOnlyList<(int Level, long Bytes, bool Shared)> Caches(string root = "/sys/devices/system/cpu/cpu0/cache")
    {
        List<(int Level, long Bytes, bool Shared)> caches = [];
        string[] folders = Directory.Exists(root) ? Directory.GetDirectories(root, "index*") : [];
        foreach (string folder in folders.Order(StringComparer.Ordinal))
        {
            string size = Text(Path.Combine(folder, "size"));
            if (Text(Path.Combine(folder, "type")) is "Instruction" or ""
                || !int.TryParse(Text(Path.Combine(folder, "level")), CultureInfo.InvariantCulture, out int level)
                || !long.TryParse(size.TrimEnd('K', 'M'), CultureInfo.InvariantCulture, out long count))
            {
                continue;
            }

            caches.Add((level, count << (size.EndsWith('M') ? 20 : size.EndsWith('K') ? 10 : 0), level > 2));
        }

        return caches.Count > 0 ? [.. caches.OrderBy(cache => cache.Level)] : [(1, 32 << 10, false), (2, 512 << 10, false), (3, 8 << 20, true)];
    }

    private static string? Line(string file, string start)
    {
        foreach (string line in Text(file).Split('\n'))
        {
            if (line.StartsWith(start, StringComparison.Ordinal) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var at)
                return line[(at + 1)..].Trim();
        }

        return null;
    }

    private static string Text(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "";
}
