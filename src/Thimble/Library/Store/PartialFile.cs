using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Thimble.Library;

/// <summary>A file that arrives in pieces, in any order, over several runs: the bytes so far, and a note of which they are.</summary>
/// <remarks>A piece is noted after its bytes are written. Whoever holds the file's lock alone may use it.</remarks>
internal sealed class PartialFile : IDisposable
{
    /// <summary>What the notes' name adds to the file's.</summary>
    public const string Notes = ".pieces";

    private const int DiskFull = 28, DiskFullOnWindows = unchecked((int)0x80070070);   // ENOSPC, ERROR_DISK_FULL

    private readonly string _path, _notes;
    private readonly SafeFileHandle _file;
    private readonly HashSet<int> _done = [];
    private readonly Lock _lock = new();

    /// <summary>Opens what was left, or begins.</summary>
    /// <param name="path">Where the bytes lie; the notes lie beside.</param>
    public PartialFile(string path)
    {
        (_path, _notes) = (path, path + Notes);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        ReadNotes();
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (RandomAccess.GetLength(_file) != Length)
            Restart();
    }

    public string Path => _path;

    /// <summary>Bytes of the whole; −1 until it is known.</summary>
    public long Length { get; private set; } = -1;

    /// <summary>Bytes of each piece but the last.</summary>
    public int PieceBytes { get; private set; }

    /// <summary>What the server calls this state of the file; empty where it does not say.</summary>
    public string Tag { get; private set; } = "";

    /// <summary>Bytes that are there.</summary>
    public long Completed
    {
        get
        {
            lock (_lock)
                return _done.Sum(BytesOf);
        }
    }

    /// <summary>The pieces that are not there.</summary>
    public IReadOnlyList<int> Missing()
    {
        lock (_lock)
            return [.. Enumerable.Range(0, Length < 0 ? 0 : Count()).Where(piece => !_done.Contains(piece))];
    }

    /// <summary>Says what is coming; what is there of something else is dropped.</summary>
    public void Expect(long length, string tag, int pieceBytes)
    {
        if (length == Length && tag == Tag)
            return;

        Restart();
        (Length, Tag, PieceBytes) = (length, tag, pieceBytes);
        Write(() => RandomAccess.SetLength(_file, length));
        Write(() => File.WriteAllText(_notes, string.Create(CultureInfo.InvariantCulture, $"{length} {pieceBytes} {tag}\n")));
    }

    public int BytesOf(int piece) => (int)Math.Min(PieceBytes, Length - ((long)piece * PieceBytes));

    /// <summary>Writes bytes of a piece, or of a whole of unknown length.</summary>
    /// <exception cref="CapacityException">The disk is full.</exception>
    public void Put(long offset, ReadOnlyMemory<byte> bytes) => Write(() => RandomAccess.Write(_file, bytes.Span, offset));

    /// <summary>Notes that a piece is there.</summary>
    public void Finish(int piece)
    {
        lock (_lock)
        {
            _done.Add(piece);
            Write(() => File.AppendAllText(_notes, string.Create(CultureInfo.InvariantCulture, $"{piece}\n")));
        }
    }

    /// <summary>Bytes that an earlier run left; nothing is opened or changed.</summary>
    public static long Left(string path)
    {
        string notes = path + Notes;
        if (!File.Exists(notes) || !File.Exists(path))
            return 0;

        string[] lines = File.ReadAllText(notes).Split('\n');
        return lines[0].Split(' ', 3) is [var length, var piece, _]
            && long.TryParse(length, CultureInfo.InvariantCulture, out long bytes) && long.TryParse(piece, CultureInfo.InvariantCulture, out long pieceBytes)
            ? Math.Min(bytes, pieceBytes * (lines.Length - 2))
            : 0;
    }

    /// <summary>Drops all that is there.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _done.Clear();
            File.Delete(_notes);
            RandomAccess.SetLength(_file, 0);
            (Length, Tag) = (-1, "");
        }
    }

    /// <summary>Forgets the notes: the file is complete and about to be moved.</summary>
    public void Complete()
    {
        _file.Dispose();
        File.Delete(_notes);
    }

    public void Dispose() => _file.Dispose();

    private int Count() => (int)((Length + PieceBytes - 1) / Math.Max(1, PieceBytes));

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException fault) when (fault.HResult is DiskFull or DiskFullOnWindows)
        {
            long room = new DriveInfo(System.IO.Path.GetFullPath(_path)).AvailableFreeSpace, needed = Math.Max(0, Length - Completed);
            string coming = Length < 0 ? "nobody says how many bytes are to come" : $"{needed} bytes are to come";
            string goesOn = Completed > 0 ? ": it goes on where it stopped" : "";
            throw new CapacityException($"The disk of '{_path}' is full: {coming}, {room} are left. Make room and pull again{goesOn}.", needed, room);
        }
    }

    private void ReadNotes()
    {
        if (!File.Exists(_notes) || !File.Exists(_path))
            return;

        string[] lines = File.ReadAllText(_notes).Split('\n');
        if (lines[0].Split(' ', 3) is [var length, var piece, var tag]
            && long.TryParse(length, CultureInfo.InvariantCulture, out long bytes) && int.TryParse(piece, CultureInfo.InvariantCulture, out int pieceBytes)
            && bytes >= 0 && pieceBytes > 0)
        {
            (Length, PieceBytes, Tag) = (bytes, pieceBytes, tag);
            // The last line may be half of one: only what ends by a line feed counts.
            foreach (string line in lines[1..^1])
            {
                if (int.TryParse(line, CultureInfo.InvariantCulture, out int done) && done >= 0 && done < Count())
                    _done.Add(done);
            }
        }
    }
}
