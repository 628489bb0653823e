using System.Globalization;

namespace Thimble.Bench;

/// <summary>How long a model's weights take to open, packed and not, and how much memory that needs at its peak (Linux).</summary>
internal static class LoadBench
{
    private const int Rounds = 5;

    public static void Run(string path)
    {
        long size = File.Exists(path) ? new FileInfo(path).Length : 0;
        Console.WriteLine($"{Path.GetFileName(path)}: {size / 1e9:F3} GB");
        foreach (bool packed in (bool[])[true, false])
        {
            for (int i = 0; i < Rounds; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                File.WriteAllText("/proc/self/clear_refs", "5");   // forgets the peak so far
                long before = Status("VmRSS:");
                using var model = Model.Open(path, new ModelOptions { Packed = packed, CacheTokens = 4096 });
                long peak = Status("VmHWM:") - before, after = Status("VmRSS:") - before;
                Console.WriteLine(
                    $"{(packed ? "packed" : "as it lies"),-10} {model.LoadTime.TotalSeconds,7:F3} s {size / model.LoadTime.TotalSeconds / 1e9,6:F2} GB/s   peak {peak / 1e6,6:F0} MB, {(double)peak / size:P0} of the file; after {after / 1e6:F0} MB");
            }
        }
    }

    /// <summary>A line of the system's account of this process, in bytes.</summary>
    private static long Status(string name)
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
