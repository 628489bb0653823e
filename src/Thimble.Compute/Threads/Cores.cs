namespace Thimble.Compute.Threads;

/// <summary>The processors this process may use.</summary>
internal static class Cores
{
    /// <summary>Physical cores: two hardware threads of one core share its multipliers, so the second gains nothing.</summary>
    public static int Physical { get; } = Count();

    private static int Count()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.ProcessorCount;

        // Each core is named by its first hardware thread; the process may own fewer than the machine has.
        int cores = 0;
        for (int i = 0; File.Exists(Siblings(i)); i++)
        {
            string list = File.ReadAllText(Siblings(i)).Trim();
            int end = list.AsSpan().IndexOfAny(',', '-');
            if (int.TryParse(end < 0 ? list : list.AsSpan(0, end), out int first) && first == i)
                cores++;
        }

        return Math.Max(1, cores == 0 ? Environment.ProcessorCount : Math.Min(cores, Environment.ProcessorCount));
    }

    private static string Siblings(int processor) => $"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list";
}
