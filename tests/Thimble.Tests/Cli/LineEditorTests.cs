using Thimble.Cli.Editing;

namespace Thimble.Tests.Cli;

public class LineEditorTests
{
    [Fact]
    public void A_line_is_edited_where_the_caret_stands()
    {
        Assert.Equal("hello", Read(t => t.Type("hllo").Press(ConsoleKey.Home, ConsoleKey.RightArrow).Type("e")));
        Assert.Equal("helo", Read(t => t.Type("hello").Press(ConsoleKey.LeftArrow, ConsoleKey.LeftArrow, ConsoleKey.Delete)));
        Assert.Equal("ab", Read(t => t.Type("abc").Press(ConsoleKey.Backspace)));
        Assert.Equal("one !two", Read(t => t.Type("one two").Control('A').Control('F').Press(ConsoleKey.End).Press(Repeat(ConsoleKey.LeftArrow, 3)).Type("!")));
        Assert.Equal("one ", Read(t => t.Type("one two").Control('W')));
        Assert.Equal("two", Read(t => t.Type("one two").Press(Repeat(ConsoleKey.LeftArrow, 3)).Control('U')));
        Assert.Equal("one ", Read(t => t.Type("one two").Press(Repeat(ConsoleKey.LeftArrow, 3)).Control('K')));
    }

    [Fact]
    public void A_character_of_several_units_is_one_step()
    {
        Assert.Equal("ab", Read(t => t.Type("a👩‍👩‍👧b").Press(ConsoleKey.LeftArrow, ConsoleKey.Backspace)));
        Assert.Equal("a!e\u0301", Read(t => t.Type("ae\u0301").Press(ConsoleKey.LeftArrow).Type("!")));
    }

    [Fact]
    public void Wide_characters_take_two_columns()
    {
        Assert.Equal(2, LineScreen.Columns("日"));
        Assert.Equal(1, LineScreen.Columns("e\u0301"));
        Assert.Equal(4, LineScreen.Columns("a👩b"));
    }

    [Fact]
    public void A_line_of_several_rows_is_drawn_over_itself()
    {
        var output = new StringWriter { NewLine = "\n" };
        var screen = new LineScreen(output, 10, "> ");
        var line = new EditBuffer();
        line.Set("0123456789012");
        screen.Draw(line);
        Assert.EndsWith("> 0123456789012\r\e[5C", output.ToString(), StringComparison.Ordinal);
        line.Home();
        screen.Draw(line);
        Assert.EndsWith("\e[1A\r\e[J> 0123456789012\e[1A\r\e[2C", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Older_lines_come_back_and_so_does_the_one_begun()
    {
        using var folder = new Models.TemporaryFolder();
        var history = new History(folder["state/history"]);
        history.Add("first");
        history.Add("second\\nd\nline");
        history.Add("second\\nd\nline");
        Assert.Equal("second\\nd\nline", Read(t => t.Press(ConsoleKey.UpArrow), history));
        Assert.Equal("first", Read(t => t.Press(ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow), history));
        Assert.Equal("begun", Read(t => t.Type("begun").Press(ConsoleKey.UpArrow, ConsoleKey.DownArrow, ConsoleKey.DownArrow), history));

        var later = new History(folder["state/history"]);
        Assert.Equal(["begun", "first", "second\\nd\nline"], [later.Older("")!, later.Older("")!, later.Older("")!]);
        later.Keeps = false;
        later.Add("unkept");
        Assert.DoesNotContain("unkept", File.ReadAllText(folder["state/history"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_and_Ctrl_D_end_the_line()
    {
        using var interrupted = new ScriptedTerminal(typed: true);
        Assert.Equal(new Line("", LineEnd.Interrupted), Editor(interrupted.Type("abc").Control('C')).Read("> "));
        using var closed = new ScriptedTerminal(typed: true);
        Assert.Equal(new Line("", LineEnd.Closed), Editor(closed.Control('D')).Read("> "));
        Assert.Equal("bc", Read(t => t.Type("abc").Press(ConsoleKey.Home).Control('D')));
    }

    private static ConsoleKey[] Repeat(ConsoleKey key, int times) => [.. Enumerable.Repeat(key, times)];

    private static string Read(Action<ScriptedTerminal> typing, History? history = null)
    {
        using var terminal = new ScriptedTerminal(typed: true);
        typing(terminal);
        terminal.Type("\n");
        Line line = Editor(terminal, history).Read(">>> ");
        Assert.Equal(LineEnd.Entered, line.End);
        return line.Text;
    }

    private static LineEditor Editor(ScriptedTerminal terminal, History? history = null) =>
        new(terminal, history ?? new History("/dev/null/no/such/folder"));
}
