using Thimble.Compute.Memory;

namespace Thimble.Tests.Models;

/// <summary>A reader that strangers' files reach: it may succeed or refuse, and nothing else.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Seeds">Small valid inputs from which broken ones are made.</param>
/// <param name="Read">Reads one input as far as a user of it would.</param>
internal sealed record ReaderTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    /// <summary>The most bytes a case may allocate, above 64 for each byte of input.</summary>
    private const long AllocationLimit = 4 << 20;

    private static readonly SortedDictionary<string, ReaderTarget> s_all = new(StringComparer.Ordinal);

    /// <summary>All targets, each added by its own file.</summary>
    public static IReadOnlyCollection<ReaderTarget> All => s_all.Values;

    public static ReaderTarget Named(string name) => s_all[name];

    public static void Add(string name, IReadOnlyList<byte[]> seeds, Action<byte[]> read) => s_all.Add(name, new(name, seeds, read));

    /// <summary>Bytes as a reader sees a mapped file.</summary>
    public static Region InMemory(ReadOnlySpan<byte> bytes)
    {
        var memory = new Allocation(bytes.Length);
        bytes.CopyTo(memory.Slice(0, bytes.Length));
        return memory.Region;
    }

    /// <summary>Reads one broken input.</summary>
    /// <param name="number">Which; the same number is always the same input.</param>
    /// <returns>Whether the reader accepted it.</returns>
    /// <exception cref="InvalidOperationException">The reader did what it may not.</exception>
    public bool Try(int number)
    {
        byte[] input = new Mutation(number).Of(Seeds);
        long before = GC.GetAllocatedBytesForCurrentThread(), begun = Environment.TickCount64;
        bool accepted = false;
        try
        {
            Read(input);
            accepted = true;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or FileNotFoundException)
        {
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{Name} case {number} ended in {e.GetType().Name}: {e.Message}", e);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before, milliseconds = Environment.TickCount64 - begun;
        return allocated > AllocationLimit + (64L * input.Length) ? throw new InvalidOperationException($"{Name} case {number} allocated {allocated} bytes for {input.Length}.")
            : milliseconds > 2000 ? throw new InvalidOperationException($"{Name} case {number} took {milliseconds} ms.")
            : accepted;
    }
}
