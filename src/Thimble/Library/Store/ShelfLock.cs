using System.Diagnostics;

namespace Thimble.Library;

/// <summary>A lock between processes; the system takes it back from one that dies.</summary>
internal sealed class ShelfLock : IDisposable
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100), s_patience = TimeSpan.FromSeconds(30);

    private readonly FileStream _file;

    private ShelfLock(FileStream file) => _file = file;

    /// <summary>Takes a lock if it is free.</summary>
    /// <param name="path">The lock's file, which stays.</param>
    /// <param name="shared">Whether others may hold it, too, so long as they share it.</param>
    public static ShelfLock? TryTake(string path, bool shared = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            if (shared && !File.Exists(path))
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return new(new FileStream(
                path, shared ? FileMode.Open : FileMode.OpenOrCreate, shared ? FileAccess.Read : FileAccess.ReadWrite, shared ? FileShare.Read : FileShare.None, 1));
        }
        catch (IOException fault) when (fault is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            return null;   // somebody holds it; .NET says so by an exception
        }
    }

    /// <summary>Waits for a lock that nobody holds for long.</summary>
    /// <param name="path">The lock's file, which stays.</param>
    /// <param name="shared">Whether others may hold it, too, so long as they share it.</param>
    /// <param name="patience">How long; null for half a minute.</param>
    /// <exception cref="IOException">Somebody held it all that time; the message names the file.</exception>
    public static ShelfLock Take(string path, bool shared = false, TimeSpan? patience = null)
    {
        TimeSpan most = patience ?? s_patience;
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            if (TryTake(path, shared) is { } taken)
                return taken;
            if (Stopwatch.GetElapsedTime(begun) > most)
                throw new IOException($"Another process has held '{path}' for {most.TotalSeconds:F0} seconds; it should be held for moments. Let that process end, or end it, and try again.");
            Thread.Sleep(s_glance);   // no system tells across processes when a file's lock is given back, so it is looked at now and then
        }
    }

    /// <summary>Waits for a lock.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="shared">Whether others may hold it, too.</param>
    /// <param name="waiting">Called once if it is not free.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ShelfLock> TakeAsync(string path, bool shared = false, Action? waiting = null, CancellationToken cancellationToken = default)
    {
        for (bool first = true; ; first = false)
        {
            if (TryTake(path, shared) is { } taken)
                return taken;
            if (first)
                waiting?.Invoke();
            await Task.Delay(s_glance, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();
}
