namespace Thimble.Library;

/// <summary>A lock between processes; the system takes it back from one that dies.</summary>
internal sealed class ShelfLock : IDisposable
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100);

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
    public static ShelfLock Take(string path, bool shared = false)
    {
        while (true)
        {
            if (TryTake(path, shared) is { } taken)
                return taken;
            Thread.Sleep(s_glance);
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
