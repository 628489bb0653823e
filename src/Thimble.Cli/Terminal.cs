namespace Thimble.Cli;

/// <summary>All that a command sees of the world around the process.</summary>
internal abstract class Terminal : IDisposable
{
    private readonly Stack<Action> _interrupts = [];

    /// <summary>What is piped in.</summary>
    public abstract TextReader In { get; }

    /// <summary>Results. Buffered: flush where a reader waits.</summary>
    public abstract TextWriter Out { get; }

    /// <summary>Notes, progress and errors.</summary>
    public abstract TextWriter Error { get; }

    /// <summary>Whether a person types, rather than a pipe.</summary>
    public abstract bool HasKeys { get; }

    /// <summary>Whether results are seen by a person, rather than read by a program.</summary>
    public abstract bool ShowsResults { get; }

    /// <summary>Whether notes are seen by a person.</summary>
    public abstract bool ShowsNotes { get; }

    /// <summary>Columns of the screen.</summary>
    public abstract int Width { get; }

    /// <summary>The clock.</summary>
    public virtual TimeProvider Time => TimeProvider.System;

    /// <summary>The folder for what is kept between runs.</summary>
    public abstract string StateFolder { get; }

    /// <summary>An environment variable, or null.</summary>
    public abstract string? Variable(string name);

    /// <summary>Waits for a key; Ctrl+C is a key here.</summary>
    public abstract ConsoleKeyInfo ReadKey();

    /// <summary>Ends a time of reading keys: Ctrl+C interrupts again.</summary>
    public virtual void EndKeys()
    {
    }

    /// <summary>Calls an action when Ctrl+C is pressed, instead of the one given before, until the result is disposed.</summary>
    public IDisposable OnInterrupt(Action action)
    {
        lock (_interrupts)
            _interrupts.Push(action);
        return new Interruption(this);
    }

    /// <summary>Writes a note as one line, dimmed, and only where a person sees it.</summary>
    public void Note(string text)
    {
        if (!ShowsNotes)
            return;

        Out.Flush();
        Error.WriteLine($"\e[2m{text}\e[0m");
        Error.Flush();
    }

    public virtual void Dispose()
    {
    }

    /// <summary>Ctrl+C was pressed.</summary>
    /// <returns>Whether somebody took it.</returns>
    protected bool Interrupt()
    {
        Action? action;
        lock (_interrupts)
            _interrupts.TryPeek(out action);
        action?.Invoke();
        return action is not null;
    }

    private sealed class Interruption(Terminal terminal) : IDisposable
    {
        public void Dispose()
        {
            lock (terminal._interrupts)
                terminal._interrupts.Pop();
        }
    }
}
