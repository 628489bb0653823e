using System.Globalization;

namespace Thimble.Lab.Measure;

/// <summary>A counter of the energy that the machine has used: the processor's own (RAPL), or what a battery has given.</summary>
internal sealed class EnergyMeter
{
    private readonly Func<double> _joules;

    private EnergyMeter(string name, Func<double> joules) => (Name, _joules) = (name, joules);

    /// <summary>What measures.</summary>
    public string Name { get; }

    /// <summary>Finds a meter.</summary>
    /// <param name="root">Where Linux shows devices.</param>
    /// <returns>The meter; null where there is none that may be read.</returns>
    public static EnergyMeter? Find(string root = "/sys")
    {
        string[] packages = Files(Path.Combine(root, "class", "powercap"), "intel-rapl:?", "energy_uj");
        if (packages.Length > 0)
            return new("RAPL", Counted(packages));
        // A battery counts down, in microwatt hours.
        string[] batteries = Files(Path.Combine(root, "class", "power_supply"), "*", "energy_now");
        return batteries.Length > 0 ? new("battery", () => -batteries.Sum(Read) * 3600e-6) : null;
    }

    /// <summary>Joules since some beginning.</summary>
    public double Read() => _joules();

    /// <summary>RAPL's counters begin anew at the end of their range; the sum must not.</summary>
    private static Func<double> Counted(string[] files)
    {
        double[] last = [.. files.Select(Read)], carried = new double[files.Length];
        return () =>
        {
            for (int i = 0; i < files.Length; i++)
            {
                double now = Read(files[i]);
                if (now < last[i])
                    carried[i] += Read(Path.Combine(Path.GetDirectoryName(files[i])!, "max_energy_range_uj"));
                last[i] = now;
            }

            return (last.Sum() + carried.Sum()) * 1e-6;
        };
    }

    private static double Read(string file) => double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private static string[] Files(string folder, string pattern, string name)
    {
        if (!Directory.Exists(folder))
            return [];
        string[] files = [.. Directory.GetDirectories(folder, pattern).Select(device => Path.Combine(device, name)).Where(File.Exists).Order(StringComparer.Ordinal)];
        // Newer kernels let only the administrator read RAPL; what cannot be read is no meter.
        try
        {
            _ = files.Sum(Read);
            return files;
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException or FormatException)
        {
            return [];
        }
    }
}
