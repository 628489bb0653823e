namespace Thimble.Cli.Editing;

/// <summary>Reads a line key by key, with the keys that readline and ollama know.</summary>
internal sealed class LineEditor(Terminal terminal, History history)
{
    private readonly EditBuffer _line = new();

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">What stands before it.</param>
    public Line Read(string prompt)
    {
        _line.Set("");
        history.Rewind();
        terminal.Out.Flush();
        var screen = new LineScreen(terminal.Out, Math.Max(10, terminal.Width), prompt);
        screen.Draw(_line);
        LineEnd? end;
        while ((end = Take(terminal.ReadKey(), screen)) is null)
            screen.Draw(_line);

        terminal.EndKeys();
        screen.Leave(_line);
        if (end == LineEnd.Entered)
            history.Add(_line.Text);
        return new(end == LineEnd.Entered ? _line.Text : "", end.Value);
    }

    /// <summary>Takes a key.</summary>
    /// <returns>How the line has ended, null if it goes on.</returns>
    private LineEnd? Take(ConsoleKeyInfo key, LineScreen screen)
    {
        if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n')
            return LineEnd.Entered;
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control) || (key.KeyChar is > '\0' and < ' ' and not '\b' and not '\t'))
            return TakeControl(key, screen);

        bool byWord = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.Backspace when byWord:
                _line.RemoveWord();
                break;
            case ConsoleKey.Backspace:
                _line.Backspace();
                break;
            case ConsoleKey.B when byWord:
                _line.WordLeft();
                break;
            case ConsoleKey.F when byWord:
                _line.WordRight();
                break;
            default:
                Move(key);
                break;
        }

        return null;
    }

    private LineEnd? TakeControl(ConsoleKeyInfo key, LineScreen screen)
    {
        // A terminal may send the letter's control code without saying which key it was.
        char letter = key.KeyChar is > '\0' and < ' ' ? (char)('A' + key.KeyChar - 1) : (char)key.Key;
        switch (letter)
        {
            case 'C':
                return LineEnd.Interrupted;
            case 'D' when _line.Text.Length == 0:
                return LineEnd.Closed;
            case 'D':
                _line.Delete();
                break;
            case 'A':
                _line.Home();
                break;
            case 'E':
                _line.End();
                break;
            case 'B':
                _line.Left();
                break;
            case 'F':
                _line.Right();
                break;
            case 'H':
                _line.Backspace();
                break;
            case 'K':
                _line.RemoveToEnd();
                break;
            case 'U':
                _line.RemoveToStart();
                break;
            case 'W':
                _line.RemoveWord();
                break;
            case 'P':
                Recall(history.Older(_line.Text));
                break;
            case 'N':
                Recall(history.Newer());
                break;
            case 'L':
                screen.Clear();
                break;
            default:
                MoveByWord(key.Key);
                break;
        }

        return null;
    }

    private void MoveByWord(ConsoleKey key)
    {
        if (key == ConsoleKey.LeftArrow)
            _line.WordLeft();
        else if (key == ConsoleKey.RightArrow)
            _line.WordRight();
        else if (key == ConsoleKey.Backspace)
            _line.RemoveWord();
    }

    private void Move(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow:
                _line.Left();
                break;
            case ConsoleKey.RightArrow:
                _line.Right();
                break;
            case ConsoleKey.Home:
                _line.Home();
                break;
            case ConsoleKey.End:
                _line.End();
                break;
            case ConsoleKey.Delete:
                _line.Delete();
                break;
            case ConsoleKey.UpArrow:
                Recall(history.Older(_line.Text));
                break;
            case ConsoleKey.DownArrow:
                Recall(history.Newer());
                break;
            default:
                if (key.KeyChar is >= ' ' and not '\x7F')
                    _line.Insert(key.KeyChar.ToString());
                break;
        }
    }

    private void Recall(string? text)
    {
        if (text is not null)
            _line.Set(text);
    }
}

/// <summary>A line that was read.</summary>
/// <param name="Text">Its text; empty if it was not entered.</param>
/// <param name="End">How it ended.</param>
internal readonly record struct Line(string Text, LineEnd End);

/// <summary>How the reading of a line ended.</summary>
internal enum LineEnd
{
    /// <summary>By Enter.</summary>
    Entered,

    /// <summary>By Ctrl+C.</summary>
    Interrupted,

    /// <summary>By Ctrl+D on an empty line.</summary>
    Closed,
}
