using System.Text;
using Thimble.Cli.Editing;
using Thimble.Cli.Options;
using Thimble.Cli.Output;

namespace Thimble.Cli.Chat;

/// <summary>A conversation in the terminal, or a story that is written in turns.</summary>
internal sealed class Interactive : IDisposable
{
    private const string Quotes = "\"\"\"";

    private static readonly TimeSpan s_twice = TimeSpan.FromSeconds(2);

    private readonly SlashCommands _commands;
    private readonly LineEditor _editor;
    private long _interrupted;

    public Interactive(Terminal terminal, Model model, RunRequest request)
    {
        (Terminal, Model, Settings, Verbose) = (terminal, model, request.Settings, request.Verbose);
        Conversation = new(model, request.Raw);
        Conversation.Tell(request.System);
        History = new(Path.Combine(terminal.StateFolder, "history"));
        Session = model.CreateSession();
        _editor = new(terminal, History);
        _commands = new(this);
        Introduction.Write(terminal, model, request.Raw);
    }

    public Terminal Terminal { get; }

    public Model Model { get; }

    public Conversation Conversation { get; }

    public History History { get; }

    public RunSettings Settings { get; set; }

    public bool Verbose { get; set; }

    private Session Session { get; }

    /// <summary>Reads and answers until the user leaves.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using Interactive _ = this;
        while (Read() is { } text)
        {
            if (text.StartsWith('/') && !text.Contains('\n', StringComparison.Ordinal))
            {
                if (!Command(text))
                    break;
            }
            else if (text.Length > 0)
            {
                await AnswerAsync(text);
            }
        }

        return ExitCode.Success;
    }

    public void Dispose() => Session.Dispose();

    private bool Command(string text)
    {
        try
        {
            return _commands.Run(text);
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
        {
            Terminal.Out.WriteLine($"error: {Faults.Line(fault)}");
            return true;
        }
    }

    /// <summary>The next text, of several lines if it begins with three quotation marks; null when the user leaves.</summary>
    private string? Read()
    {
        while (true)
        {
            Line line = _editor.Read(">>> ");
            if (line.End == LineEnd.Closed)
                return null;
            if (line.End == LineEnd.Entered)
            {
                return !line.Text.TrimStart().StartsWith(Quotes, StringComparison.Ordinal) ? line.Text.Trim()
                    : ReadBlock(line.Text.TrimStart()[Quotes.Length..]) is { } block ? block : Read();
            }

            long now = Terminal.Time.GetTimestamp();
            if (_interrupted != 0 && Terminal.Time.GetElapsedTime(_interrupted, now) < s_twice)
                return null;
            _interrupted = now;
            Terminal.Out.WriteLine("Press Ctrl+C again, or Ctrl+D, or type /bye to leave.");
        }
    }

    /// <summary>The lines up to three more quotation marks; null if the user gives up.</summary>
    private string? ReadBlock(string first)
    {
        var block = new StringBuilder();
        for (string next = first; ;)
        {
            int end = next.IndexOf(Quotes, StringComparison.Ordinal);
            if (end >= 0)
                return block.Append(next.AsSpan(0, end)).ToString();
            block.Append(next).Append('\n');
            Line line = _editor.Read("... ");
            if (line.End != LineEnd.Entered)
                return null;
            next = line.Text;
        }
    }

    private async Task AnswerAsync(string text)
    {
        int before = Conversation.Turns.Count;
        Conversation.Say(text);
        using var stop = new CancellationTokenSource();
        using IDisposable _ = Terminal.OnInterrupt(stop.Cancel);
        try
        {
            Generation generation = Session.Continue(Conversation.Prompt(), Settings.Generation, stop.Token);
            Conversation.Turns.Add(new("assistant", await WriteAsync(generation, stop.Token)));
            Finish(generation);
        }
        catch (Exception fault) when (fault is ArgumentException or CapacityException or InvalidDataException)
        {
            Conversation.Turns.RemoveRange(before, Conversation.Turns.Count - before);
            string hint = fault is CapacityException ? " /clear starts anew." : "";
            Terminal.Out.WriteLine($"error: {Faults.Line(fault)}{hint}");
        }
    }

    private async Task<string> WriteAsync(Generation generation, CancellationToken stop)
    {
        var whole = new StringBuilder();
        try
        {
            await foreach (string piece in generation)
            {
                whole.Append(piece);
                Terminal.Out.Write(piece);
                Terminal.Out.Flush();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Terminal.Out.Write(" …");
        }

        Terminal.Out.WriteLine();
        Terminal.Out.WriteLine();
        return whole.ToString();
    }

    private void Finish(Generation generation)
    {
        if (generation.FinishReason == FinishReason.ContextFull)
            Terminal.Out.WriteLine($"The context of {Model.ContextLength} tokens is full; /clear starts anew.");
        else if (generation.FinishReason == FinishReason.EndOfText && Conversation.Continues)
            Terminal.Note("The text has ended; /clear starts a new one.");
        if (Verbose)
            Timings.Write(Terminal.Out, generation);
        Terminal.Out.Flush();
    }
}
