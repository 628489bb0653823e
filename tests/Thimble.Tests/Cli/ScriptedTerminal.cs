using System.Diagnostics.CodeAnalysis;
using Thimble.Cli;

namespace Thimble.Tests.Cli;

/// <summary>A terminal whose user is a script, and whose screen is read afterwards.</summary>
internal sealed class ScriptedTerminal : Terminal
{
    private readonly Queue<ConsoleKeyInfo> _keys = [];
    private readonly WatchedWriter _out;

    [SuppressMessage("Reliability", "CA2000", Justification = "String writers hold nothing.")]
    public ScriptedTerminal(string input = "", bool typed = false)
    {
        (In, HasKeys, ShowsResults) = (new StringReader(input), typed, typed);
        _out = new(this);
    }

    public override TextReader In { get; }

    public override TextWriter Out => _out;

    public override TextWriter Error { get; } = new StringWriter { NewLine = "\n" };

    public override bool HasKeys { get; }

    public override bool ShowsResults { get; }

    public override bool ShowsNotes => NotesShown;

    public bool NotesShown { get; init; }

    public override int Width => 40;

    public override string StateFolder => Models;

    /// <summary>The folder of models and of what is kept.</summary>
    public string Models { get; init; } = Path.Combine(Path.GetTempPath(), "thimble-no-such-folder");

    /// <summary>Pieces of text after which Ctrl+C is pressed.</summary>
    public int InterruptAfter { get; set; } = -1;

    /// <summary>Environment variables, beside the one that names the folder of models.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public override string? Variable(string name) => name == "THIMBLE_MODELS" ? Models : Variables.GetValueOrDefault(name);

    public override ConsoleKeyInfo ReadKey() => _keys.TryDequeue(out ConsoleKeyInfo key) ? key : Key(ConsoleKey.D, '\x4', control: true);

    /// <summary>Types a text; a line feed is Enter.</summary>
    public ScriptedTerminal Type(string text)
    {
        foreach (char letter in text)
            _keys.Enqueue(letter == '\n' ? Key(ConsoleKey.Enter, '\r') : Key(ConsoleKey.None, letter));
        return this;
    }

    /// <summary>Presses keys that are no letters.</summary>
    public ScriptedTerminal Press(params ConsoleKey[] keys)
    {
        foreach (ConsoleKey key in keys)
            _keys.Enqueue(Key(key, key == ConsoleKey.Enter ? '\r' : '\0'));
        return this;
    }

    /// <summary>Presses a letter together with Ctrl.</summary>
    public ScriptedTerminal Control(char letter)
    {
        _keys.Enqueue(Key((ConsoleKey)letter, (char)(letter - 'A' + 1), control: true));
        return this;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>Exit code, results and notes.</returns>
    public async Task<(int Code, string Out, string Error)> Run(params string[] args)
    {
        int code = await CommandLine.RunAsync(args, this);
        return (code, _out.ToString(), Error.ToString()!);
    }

    private static ConsoleKeyInfo Key(ConsoleKey key, char letter, bool control = false) => new(letter, key, shift: false, alt: false, control);

    private void Flushed()
    {
        if (InterruptAfter >= 0 && InterruptAfter-- == 0)
            Interrupt();
    }

    private sealed class WatchedWriter : StringWriter
    {
        private readonly ScriptedTerminal _terminal;

        public WatchedWriter(ScriptedTerminal terminal) => (_terminal, NewLine) = (terminal, "\n");

        public override void Flush() => _terminal.Flushed();
    }
}
