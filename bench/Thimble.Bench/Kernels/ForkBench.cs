using System.Diagnostics;
using Thimble.Compute.Threads;

namespace Thimble.Bench;

/// <summary>What it costs to fork work to a team and join again, and what a team costs that waits.</summary>
internal static class ForkBench
{
    private const int Forks = 2000, Rounds = 50;

    public static void Run()
    {
        foreach (int threads in (int[])[1, 2])
        {
            using var team = new Team(threads, pinned: true);
            team.Pin();
            double[] nanoseconds = new double[Rounds];
            for (int round = 0; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Forks; i++)
                    team.Run(default(Nothing));
                nanoseconds[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Forks;
            }

            Array.Sort(nanoseconds);
            Console.WriteLine($"{threads} threads: fork and join {nanoseconds[Rounds / 2]:F0} ns (median of {Rounds} times {Forks}; least {nanoseconds[0]:F0}, most {nanoseconds[^1]:F0})");

            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            Thread.Sleep(1000);
            TimeSpan idle = Process.GetCurrentProcess().TotalProcessorTime - before;
            Console.WriteLine($"{threads} threads: {idle.TotalMilliseconds:F1} ms of processor time in a second without work");
        }
    }

    private readonly struct Nothing : ITeamWork
    {
        public void Run(int member, int members)
        {
        }
    }
}
