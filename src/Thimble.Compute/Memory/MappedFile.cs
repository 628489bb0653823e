using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Thimble.Compute.Memory;

/// <summary>A file mapped into memory, read only; its length may exceed 4 GiB.</summary>
/// <remarks>Reading a mapped page that the file no longer has ends the process, so the owner is asked before each slice.</remarks>
internal sealed unsafe class MappedFile : IRegionOwner, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private bool _disposed;

    private MappedFile(string path, SafeFileHandle file, long length)
    {
        (Path, _file, Length) = (path, file, length);
        if (length == 0)
            return;

        _map = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>The whole file.</summary>
    public Region Region => new(_start, Length, this);

    /// <summary>Maps a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path is a folder.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder, not a file.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);

        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return new(path, file, RandomAccess.GetLength(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The file has shrunk since it was opened.</exception>
    public void Check()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long length = RandomAccess.GetLength(_file);
        if (length < Length)
            throw new InvalidDataException($"'{Path}' has shrunk from {Length} to {length} bytes since it was opened; open it again.");
    }

    /// <inheritdoc />
    public void Release(Region region) => Pages.Release(region.Start, region.Length);

    /// <summary>Unmaps the file. Regions of it must not be read afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _map?.Dispose();
        _file.Dispose();
    }
}
