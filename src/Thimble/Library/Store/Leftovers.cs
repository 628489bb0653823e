namespace Thimble.Library;

/// <summary>What was begun on the shelf and never finished: pieces that nobody went on with, drafts of those who were killed.</summary>
/// <param name="root">The shelf's folder.</param>
/// <param name="time">The clock.</param>
internal sealed class Leftovers(string root, TimeProvider time)
{
    /// <summary>How long a pull that stopped may be gone on with.</summary>
    public static readonly TimeSpan PiecesStay = TimeSpan.FromDays(14);

    private static readonly TimeSpan s_draftsStay = TimeSpan.FromDays(1);

    /// <summary>Deletes what is stale. The caller holds the pulling lock alone, so that nobody writes pieces meanwhile.</summary>
    /// <returns>Bytes freed.</returns>
    public long Clear()
    {
        var partial = new DirectoryInfo(Path.Combine(root, "partial"));
        long freed = 0;
        foreach (FileInfo file in partial.Exists ? partial.GetFiles() : [])
        {
            if (IsStale(file))
                freed += Delete(file);
        }

        // A draft lives for a moment, but those who make one hold no lock.
        foreach (FileInfo draft in Entries("manifests", static (folder, rule) => folder.GetFiles("*.part", rule)).Where(draft => Age(draft) > s_draftsStay))
            freed += Delete(draft);
        foreach (DirectoryInfo draft in Entries("views", static (folder, _) => folder.GetDirectories("*.part")).Where(draft => Age(draft) > s_draftsStay))
            draft.Delete(recursive: true);
        return freed;
    }

    /// <summary>Whether nobody needs a file among the pieces any more.</summary>
    private bool IsStale(FileInfo file)
    {
        string name = file.Name;
        if (name.EndsWith(".lock", StringComparison.Ordinal) || name.StartsWith("sent-", StringComparison.Ordinal))
            return true;   // who holds or sends one holds the pulling lock too
        if (name.EndsWith(".sent", StringComparison.Ordinal))
            return Age(file) > s_draftsStay;

        string key = name.EndsWith(PartialFile.Notes, StringComparison.Ordinal) ? name[..^PartialFile.Notes.Length] : name;
        return File.Exists(Path.Combine(root, "blobs", key)) || (Age(key) > PiecesStay && Age(key + PartialFile.Notes) > PiecesStay);
    }

    private TimeSpan Age(string name) => Age(new FileInfo(Path.Combine(root, "partial", name)));

    private TimeSpan Age(FileSystemInfo entry) => entry.Exists ? time.GetUtcNow() - entry.LastWriteTimeUtc : TimeSpan.MaxValue;

    private TEntry[] Entries<TEntry>(string name, Func<DirectoryInfo, EnumerationOptions, TEntry[]> list)
        where TEntry : FileSystemInfo
    {
        var folder = new DirectoryInfo(Path.Combine(root, name));
        return folder.Exists ? list(folder, new() { RecurseSubdirectories = true }) : [];
    }

    private static long Delete(FileInfo file)
    {
        long bytes = file.Length;
        file.Delete();
        return bytes;
    }
}
