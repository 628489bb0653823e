using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Thimble.Compute.Memory;

namespace Thimble.Planning;

/// <summary>Measures what a disk reads: a file of its own, by chunk size and reads in flight, with the system's cache emptied before.</summary>
/// <param name="options">Which folder.</param>
/// <param name="tell">Told what is measured now.</param>
internal sealed class StorageProbe(ProfileOptions options, Action<string> tell)
{
    private static readonly int[] s_chunks = [4 << 10, 64 << 10, 1 << 20, 8 << 20], s_depths = [1, 4];

    /// <summary>Measures all of them.</summary>
    public IReadOnlyList<StorageRate> Run()
    {
        string path = Path.Combine(options.StorageFolder ?? Path.GetTempPath(), $"thimble-profile-{Environment.ProcessId}.bin");
        long length = options.Quick ? 16 << 20 : 128 << 20;
        List<StorageRate> rates = [];
        try
        {
            tell("writing a file to read");
            Write(path, length);
            foreach (int chunk in s_chunks)
            {
                foreach (int depth in s_depths)
                {
                    tell($"reading the disk by {chunk >> 10} KiB, {depth} at a time");
                    rates.Add(Measure(path, chunk, depth, Math.Min(length, (long)chunk * 2048)));
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        return rates;
    }

    private static void Write(string path, long length)
    {
        byte[] block = new byte[1 << 20];
        new Random(1).NextBytes(block);   // a disk may shorten zeros
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        for (long at = 0; at < length; at += block.Length)
            file.Write(block);
        file.Flush(flushToDisk: true);
    }

    private static StorageRate Measure(string path, int chunk, int depth, long length)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        bool cold = PageCache.Forget(file);
        int chunks = (int)(length / chunk);
        int[] order = [.. Enumerable.Range(0, chunks)];
        new Random(2).Shuffle(order);   // a disk that is read in order reads ahead
        int next = -1;
        long start = Stopwatch.GetTimestamp();
        Thread[] readers = [.. Enumerable.Range(0, depth).Select(_ => new Thread(Read))];
        foreach (Thread reader in readers)
            reader.Start();
        foreach (Thread reader in readers)
            reader.Join();
        return new(chunk, depth, (double)chunks * chunk / Stopwatch.GetElapsedTime(start).TotalSeconds, cold);

        void Read()
        {
            byte[] bytes = new byte[chunk];
            for (int at = Interlocked.Increment(ref next); at < chunks; at = Interlocked.Increment(ref next))
                RandomAccess.Read(file, bytes, (long)order[at] * chunk);
        }
    }
}
