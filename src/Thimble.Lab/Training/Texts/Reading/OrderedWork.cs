using System.Runtime.ExceptionServices;

namespace Thimble.Lab.Training;

/// <summary>Work on many things by all cores, whose outcomes come in the things' order.</summary>
internal static class OrderedWork
{
    private const int AtOnce = 512;

    /// <summary>What work makes of each thing.</summary>
    /// <param name="source">The things, taken one after the other, as many at once as keep the cores busy.</param>
    /// <param name="work">Runs on several threads.</param>
    /// <remarks>What work throws is thrown here, of several things that of the first.</remarks>
    public static IEnumerable<TOutcome> Select<TThing, TOutcome>(IEnumerable<TThing> source, Func<TThing, TOutcome> work)
    {
        foreach (TThing[] part in source.Chunk(AtOnce))
        {
            var outcomes = new TOutcome[part.Length];
            var faults = new ExceptionDispatchInfo?[part.Length];
            Parallel.For(0, part.Length, i =>
            {
                try
                {
                    outcomes[i] = work(part[i]);
                }
                catch (Exception fault) when (fault is FormatException or InvalidDataException or ArgumentException or InvalidOperationException or NotSupportedException)
                {
                    faults[i] = ExceptionDispatchInfo.Capture(fault);   // thrown again below, where its order among the others is known
                }
            });
            for (int i = 0; i < part.Length; i++)
            {
                faults[i]?.Throw();
                yield return outcomes[i];
            }
        }
    }
}
