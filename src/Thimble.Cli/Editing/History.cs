namespace Thimble.Cli.Editing;

/// <summary>Lines typed before, kept in a file between runs.</summary>
/// <remarks>Where the file cannot be read or written, lines are remembered for this run only: a conversation does not fail for that.</remarks>
internal sealed class History
{
    private const int Kept = 1000;

    private readonly string _path;
    private readonly List<string> _lines = [];
    private int _at;
    private string _typed = "";

    public History(string path)
    {
        _path = path;
        Attempt(() =>
        {
            if (File.Exists(path))
                _lines.AddRange(File.ReadLines(path).TakeLast(Kept).Select(Unescape));
        });
        Rewind();
    }

    /// <summary>Whether lines are added.</summary>
    public bool Keeps { get; set; } = true;

    /// <summary>Adds a line, unless it is empty or the same as the one before.</summary>
    public void Add(string line)
    {
        if (!Keeps || string.IsNullOrWhiteSpace(line) || (_lines.Count > 0 && _lines[^1] == line))
            return;

        _lines.Add(line);
        if (_lines.Count <= Kept)
            Attempt(() => Append(line));
        else
            Attempt(Shorten);
    }

    /// <summary>Goes to the end, where a new line is typed.</summary>
    public void Rewind() => (_at, _typed) = (_lines.Count, "");

    /// <summary>The line before, or null at the first.</summary>
    /// <param name="typed">What stands in the editor, to come back to.</param>
    public string? Older(string typed)
    {
        if (_at == 0)
            return null;
        if (_at == _lines.Count)
            _typed = typed;
        return _lines[--_at];
    }

    /// <summary>The line after, at last what was typed; null behind that.</summary>
    public string? Newer() => _at >= _lines.Count ? null : ++_at == _lines.Count ? _typed : _lines[_at];

    private void Append(string line)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.AppendAllLines(_path, [Escape(line)]);
    }

    private void Shorten()
    {
        _lines.RemoveRange(0, Kept / 2);
        File.WriteAllLines(_path, _lines.Select(Escape));
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // See the remarks.
        }
    }

    private static string Escape(string line) => line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescape(string line) => string.Join('\\', line.Split("\\\\").Select(part => part.Replace("\\n", "\n", StringComparison.Ordinal)));
}
