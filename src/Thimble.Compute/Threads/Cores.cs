using System.Globalization;

namespace Thimble.Compute.Threads;

/// <summary>The processors this process may use.</summary>
internal static class Cores
{
    /// <summary>A core slower than this part of the fastest would keep the others waiting: work is shared out evenly.</summary>
    private const double Slow = 0.75;

    /// <summary>The number of the first hardware thread of each fast physical core that this process may use; empty where that is not known.</summary>
    /// <remarks>Two hardware threads of one core share its multipliers, so the second gains nothing; and of a processor with two
    /// kinds of cores only the fast ones count.</remarks>
    public static int[] Fast { get; } = OperatingSystem.IsLinux() ? Find("/", Environment.ProcessorCount) : [];

    /// <summary>How many threads compute at best: one on each fast physical core.</summary>
    public static int Best => Fast.Length > 0 ? Fast.Length : Environment.ProcessorCount;

    /// <summary>Reads what Linux tells of its processors.</summary>
    /// <param name="root">The folder in which <c>sys</c> and <c>proc</c> lie.</param>
    /// <param name="most">The most processors that may be used at a time.</param>
    internal static int[] Find(string root, int most)
    {
        List<int> allowed = Numbers(Line(root, "proc/self/status", "Cpus_allowed_list:"));
        List<int> efficient = Numbers(Text(root, "sys/devices/cpu_atom/cpus"));   // the small cores, where a processor has both kinds
        List<(int Number, double Speed)> cores = [];
        foreach (int number in allowed)
        {
            string folder = $"sys/devices/system/cpu/cpu{number}/";
            List<int> siblings = Numbers(Text(root, folder + "topology/thread_siblings_list"));
            if (!siblings.Exists(sibling => sibling < number && allowed.Contains(sibling)))
                cores.Add((number, efficient.Contains(number) ? 0 : Speed(root, folder)));
        }

        double fastest = 0;
        foreach ((_, double speed) in cores)
            fastest = Math.Max(fastest, speed);
        cores.RemoveAll(core => core.Speed < Slow * fastest);
        return [.. cores.ConvertAll(core => core.Number).GetRange(0, Math.Min(most, cores.Count))];
    }

    /// <summary>A core's speed in a unit that all cores share; 1 where the system does not tell.</summary>
    private static double Speed(string root, string folder)
    {
        foreach (string file in (string[])["cpu_capacity", "cpufreq/cpuinfo_max_freq"])
        {
            if (double.TryParse(Text(root, folder + file), CultureInfo.InvariantCulture, out double speed) && speed > 0)
                return speed;
        }

        return 1;
    }

    /// <summary>Numbers such as <c>0-3,8</c>.</summary>
    private static List<int> Numbers(string list)
    {
        List<int> numbers = [];
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (!int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last) || last - first > 4096)
                return [];
            for (int i = first; i <= last; i++)
                numbers.Add(i);
        }

        return numbers;
    }

    private static string Line(string root, string file, string start)
    {
        foreach (string line in Text(root, file).Split('\n'))
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return line[start.Length..];
        }

        return "";
    }

    private static string Text(string root, string file) =>
        File.Exists(Path.Combine(root, file)) ? File.ReadAllText(Path.Combine(root, file)).Trim() : "";
}
