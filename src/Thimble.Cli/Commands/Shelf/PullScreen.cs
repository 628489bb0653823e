using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Library;

namespace Thimble.Cli.Commands;

/// <summary>The line that a person sees while a model is fetched: how much is there, how fast it comes, how long it will take. Others see nothing.</summary>
internal sealed class PullScreen(Terminal terminal) : IProgress<PullProgress>
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset Time, long Bytes)> _seen = [];
    private string? _file;
    private bool _shown;

    public void Report(PullProgress value)
    {
        if (!terminal.ShowsNotes)
            return;

        lock (_lock)
        {
            string line = value.Total > 0 ? Line(value) : value.Step;
            line = line.Length < terminal.Width ? line : line[..Math.Max(0, terminal.Width - 1)];
            terminal.Error.Write($"\r{line}\e[K");
            terminal.Error.Flush();
            _shown = true;
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_shown)
                terminal.Error.Write("\r\e[K");
            _shown = false;
        }
    }

    private string Line(PullProgress value)
    {
        double share = (double)value.Completed / value.Total;
        string line = string.Create(CultureInfo.InvariantCulture, $"{value.Step}  {Math.Floor(100 * share)} %  {Units.Bytes(value.Completed)} of {Units.Bytes(value.Total)}");
        return Speed(value) is > 0 and var speed && value.Completed < value.Total
            ? $"{line}  {Units.Bytes((long)speed)}/s  {Units.Left(TimeSpan.FromSeconds(Math.Min(1e7, (value.Total - value.Completed) / speed)))}"
            : line;
    }

    /// <summary>Bytes a second over the last seconds; 0 while that is unknown.</summary>
    private double Speed(PullProgress value)
    {
        if (_file != value.Step)
        {
            _seen.Clear();
            _file = value.Step;
        }

        DateTimeOffset now = terminal.Time.GetUtcNow();
        _seen.Enqueue((now, value.Completed));
        while (_seen.Count > 2 && now - _seen.Peek().Time > s_window)
            _seen.Dequeue();
        (DateTimeOffset then, long bytes) = _seen.Peek();
        return now > then ? (value.Completed - bytes) / (now - then).TotalSeconds : 0;
    }
}
