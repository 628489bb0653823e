using System.Diagnostics;
using System.Globalization;
using Thimble.Tests.Models;

namespace Thimble.Bench;

/// <summary>Feeds broken files to every reader for as long as wanted: <c>fuzz [minutes] [target] [first case]</c>.</summary>
internal static class ReaderFuzz
{
    private const int Batch = 100_000;

    public static void Run(string[] args)
    {
        var limit = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 1);
        ReaderTarget[] targets = [.. ReaderTarget.All.Where(target => args.Length < 2 || target.Name == args[1])];
        int first = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;
        int[] failures = new int[targets.Length];

        var watch = Stopwatch.StartNew();
        for (; watch.Elapsed < limit; first += Batch)
        {
            for (int i = 0; i < targets.Length; i++)
            {
                int accepted = Enumerable.Range(first, Batch).Count(number => Try(targets[i], number, ref failures[i]));
                Console.WriteLine($"{watch.Elapsed:hh\\:mm\\:ss} {targets[i].Name,-20} cases {first} to {first + Batch}: {accepted} accepted, {failures[i]} failed so far");
            }
        }
    }

    private static bool Try(ReaderTarget target, int number, ref int failures)
    {
        try
        {
            return target.Try(number);
        }
        catch (InvalidOperationException e)
        {
            failures++;
            Console.WriteLine(e);
            return false;
        }
    }
}
