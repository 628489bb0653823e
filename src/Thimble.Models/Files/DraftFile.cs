using Microsoft.Win32.SafeHandles;

namespace Thimble.Models.Files;

/// <summary>A file of known length that appears under its name only when it is complete.</summary>
/// <remarks>It is written beside its target and renamed, so a reader sees the old file or the new one and a failure leaves neither harmed.</remarks>
internal sealed class DraftFile : IDisposable
{
    private const int DiskFull = 28, DiskFullOnWindows = unchecked((int)0x80070070);   // ENOSPC, ERROR_DISK_FULL

    private readonly string _draft, _path;
    private readonly long _length;
    private readonly SafeFileHandle _file;
    private bool _committed;

    /// <summary>Begins a file of zeros.</summary>
    /// <param name="path">Where it is to appear.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="CapacityException">The disk has not that much room.</exception>
    public DraftFile(string path, long length)
    {
        (_path, _length) = (Path.GetFullPath(path), length);
        if (Directory.Exists(_path))
            throw new ArgumentException($"'{path}' is a folder; a file was to be written there.", nameof(path));
        if (Room() < length)
            throw Full();

        _draft = $"{_path}.{Path.GetRandomFileName()}.part";
        _file = File.OpenHandle(_draft, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            RandomAccess.SetLength(_file, length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes a part; several threads may write different parts at once.</summary>
    /// <exception cref="CapacityException">The disk is full.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (IOException e) when (e.HResult is DiskFull or DiskFullOnWindows)
        {
            throw Full();
        }
    }

    /// <summary>Gives the file its name, replacing what stood there.</summary>
    public void Commit()
    {
        RandomAccess.FlushToDisk(_file);
        _file.Dispose();
        File.Move(_draft, _path, overwrite: true);
        _committed = true;
    }

    /// <summary>Drops the file, unless it was committed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_committed)
            File.Delete(_draft);
    }

    private CapacityException Full()
    {
        long room = Room();
        return new($"'{_path}' takes {_length} bytes; its disk has {room} left. Make room there, or write to another.", _length, room);
    }

    /// <summary>Bytes free on the target's disk.</summary>
    private long Room() => new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace;
}
