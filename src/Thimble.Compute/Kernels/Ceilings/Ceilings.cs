using System.Diagnostics;
using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>What a team can at best do on this machine now: bytes it reads and multiply-adds it computes in a second.</summary>
internal static class Ceilings
{
    private const int Rounds = 200_000;

    private static float s_kept;

    /// <summary>Floats in the widest register of this machine.</summary>
    public static int FloatLanes { get; } = Widest();

    /// <summary>Bytes a second that a team reads.</summary>
    /// <param name="team">Who reads, each member a share.</param>
    /// <param name="memory">What is read; many times the last cache, or the cache is what is measured.</param>
    /// <param name="passes">How often; the fastest counts.</param>
    /// <param name="clock">Tells the seconds; null for the wall's.</param>
    public static double Read(Team team, Allocation memory, int passes, Func<double>? clock = null)
    {
        // Pages that nobody has written are all the same one, which would be read from the nearest cache.
        for (long at = 0; at < memory.Length; at += 4096)
            memory.Slice(at, 1)[0] = 1;
        return memory.Length / Fastest(team, new StreamRead(memory), passes, clock);
    }

    /// <summary>Bytes a second that a team reads from the cache that holds them: each member reads bytes of its own over and over.</summary>
    /// <param name="team">Who reads.</param>
    /// <param name="memory">What is read.</param>
    /// <param name="bytesEach">Bytes of each member, at least 4096; together at most the memory.</param>
    /// <param name="passes">How often it is timed; the fastest counts.</param>
    /// <param name="clock">Tells the seconds; null for the wall's.</param>
    public static double ReadAgain(Team team, Allocation memory, int bytesEach, int passes, Func<double>? clock = null)
    {
        for (long at = 0; at < memory.Length; at += 4096)
            memory.Slice(at, 1)[0] = 1;
        var work = new RepeatedRead(memory, bytesEach);
        return work.Bytes * team.Size / Fastest(team, work, passes, clock);
    }

    /// <summary>Multiply-adds of 32-bit floats a second.</summary>
    public static double Floats(Team team, int passes, Func<double>? clock = null) =>
        FloatMultiplyAdds.Count(Rounds) * team.Size / Fastest(team, new FloatMultiplyAdds(Rounds), passes, clock);

    /// <summary>Multiply-adds of bytes a second; those of floats where the machine has no instruction for bytes.</summary>
    public static double Bytes(Team team, int passes, Func<double>? clock = null) => ByteMultiplyAdds.IsSupported
        ? ByteMultiplyAdds.Count(Rounds) * team.Size / Fastest(team, new ByteMultiplyAdds(Rounds), passes, clock)
        : Floats(team, passes, clock);

    /// <summary>Takes an outcome, so that the work behind it is not left out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Keep(float value) => s_kept = value;

    private static double Fastest<TWork>(Team team, TWork work, int passes, Func<double>? clock)
        where TWork : ITeamWork
    {
        clock ??= static () => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        double best = double.MaxValue;
        for (int pass = 0; pass <= passes; pass++)
        {
            double start = clock();
            team.Run(in work);
            double seconds = clock() - start;
            if (pass > 0)   // the first compiles it
                best = Math.Min(best, seconds);
        }

        return best;
    }

    private static int Widest() => V512.IsSupported ? V512.Count : V256.IsSupported ? V256.Count : V128.IsSupported ? V128.Count : Scalar.Count;
}
