using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Planning;

/// <summary>Measures the machine it runs on.</summary>
/// <param name="options">What is measured.</param>
/// <param name="progress">Told what is measured now; null for nobody.</param>
/// <param name="cancellation">Ends it between two measurements.</param>
internal sealed class Profiler(ProfileOptions options, Action<string>? progress, CancellationToken cancellation)
{
    private const int Forks = 2000;

    private readonly Repetition _repetition = options.Quick ? new(2, 3, 5) : new(5, 40, 40);

    /// <summary>Measures everything.</summary>
    public Machine Run()
    {
        int most = options.Threads ?? Cores.Best;
        int[] counts = most == 1 ? [1] : most <= 4 ? [.. Enumerable.Range(1, most)] : [1, 2, most / 2, most];
        Team[] teams = [.. counts.Distinct().Select(count => new Team(count))];
        try
        {
            IReadOnlyList<MemoryLevel> levels = Levels(teams);
            List<KernelRate> kernels = [];
            foreach (Team team in teams.Length > 1 ? [teams[0], teams[^1]] : teams)
                kernels.AddRange(new KernelProbe(team, _repetition, options, Tell).Run());
            double fork = Fork(teams[^1]);
            IReadOnlyList<StorageRate> storage = options.StorageFolder == "" ? [] : new StorageProbe(options, Tell).Run();
            return new()
            {
                Name = Environment.MachineName,
                Measured = (options.Time ?? TimeProvider.System).GetUtcNow(),
                Processor = Topology.Processor,
                Registers = Topology.Registers,
                System = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}",
                HardwareThreads = Environment.ProcessorCount,
                Cores = Cores.Fast.Length > 0 ? Cores.Fast : [.. Enumerable.Range(0, Environment.ProcessorCount)],
                MemoryBytes = Topology.MemoryBytes,
                FreeBytes = Topology.FreeBytes,
                PageBytes = Environment.SystemPageSize,
                LargePages = Topology.LargePages,
                Levels = levels,
                Kernels = kernels,
                Storage = storage,
                ForkSeconds = fork,
                Spread = _repetition.Spread,
                Repeated = _repetition.Repeated,
                Noisy = _repetition.Noisy,
            };
        }
        finally
        {
            foreach (Team team in teams)
                team.Dispose();
        }
    }

    private List<MemoryLevel> Levels(Team[] teams)
    {
        List<MemoryLevel> levels = [];
        IReadOnlyList<(int Level, long Bytes, bool Shared)> caches = Topology.Caches();
        foreach ((int level, long bytes, bool shared) in caches)
        {
            List<ThreadRate> rates = [];
            foreach (Team team in teams)
            {
                Tell($"reading from L{level} with {team.Size} threads");
                int each = (int)Math.Max(4096, bytes / 2 / (shared ? team.Size : 1) / 4096 * 4096);
                using var memory = new Allocation((long)each * team.Size);
                rates.Add(new(team.Size, _repetition.Rate($"L{level}, {team.Size} threads", () => Ceilings.ReadAgain(team, memory, each, 1))));
            }

            levels.Add(new($"L{level}", bytes, shared, rates));
        }

        long length = Math.Min(Math.Max(128L << 20, 8 * caches[^1].Bytes), Topology.FreeBytes / 4 / (1 << 20) * (1 << 20));
        using var far = new Allocation(Math.Max(length, 1 << 20));
        List<ThreadRate> memoryRates = [];
        foreach (Team team in teams)
        {
            Tell($"reading from memory with {team.Size} threads");
            memoryRates.Add(new(team.Size, _repetition.Rate($"memory, {team.Size} threads", () => Ceilings.Read(team, far, 1))));
        }

        levels.Add(new("memory", Topology.MemoryBytes, true, memoryRates));
        return levels;
    }

    private double Fork(Team team)
    {
        Tell("forking and joining");
        return team.Size == 1 ? 0 : 1 / _repetition.Rate("fork and join", () =>
        {
            long start = global::System.Diagnostics.Stopwatch.GetTimestamp();
            for (int i = 0; i < Forks; i++)
                team.Run(new Nothing());
            return Forks / global::System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }

    private void Tell(string what)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Invoke(what);
    }

    private readonly struct Nothing : ITeamWork
    {
        public void Run(int member, int members)
        {
        }
    }
}
