using System.Globalization;
using System.Text;

namespace Thimble.Cli.Editing;

/// <summary>Shows a line that is edited, over as many rows as it takes, with the caret in its place.</summary>
internal sealed class LineScreen(TextWriter output, int width, string prompt)
{
    private int _caretRow;

    /// <summary>Draws the line over what was drawn before.</summary>
    public void Draw(EditBuffer line)
    {
        var text = new StringBuilder();
        Up(text, _caretRow);
        text.Append("\r\e[J").Append(prompt).Append(line.Text);
        (int row, int column) = Place(prompt + line.Text);
        if (column == 0 && row > 0)
            text.Append("\r\n");   // a full row leaves the cursor hanging behind it
        (_caretRow, int caretColumn) = Place(prompt + line.Text[..line.Caret]);
        Up(text, row - _caretRow);
        text.Append('\r');
        if (caretColumn > 0)
            text.Append(CultureInfo.InvariantCulture, $"\e[{caretColumn}C");
        output.Write(text);
        output.Flush();
    }

    /// <summary>Goes below the line.</summary>
    public void Leave(EditBuffer line)
    {
        line.End();
        Draw(line);
        output.WriteLine();
        output.Flush();
    }

    /// <summary>Empties the screen; the next drawing is at its top.</summary>
    public void Clear()
    {
        output.Write("\e[H\e[2J");
        _caretRow = 0;
    }

    /// <summary>Columns that a text takes: two for wide characters, none for those that join others.</summary>
    public static int Columns(string text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
            columns += Columns(rune);
        return columns;
    }

    private static int Columns(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0
        : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2
        : 1;

    private (int Row, int Column) Place(string text)
    {
        (int row, int column) = (0, 0);
        foreach (Rune rune in text.EnumerateRunes())
        {
            int columns = Columns(rune);
            if (column + columns > width)   // a wide character does not straddle two rows
                (row, column) = (row + 1, 0);
            column += columns;
            if (column == width)
                (row, column) = (row + 1, 0);
        }

        return (row, column);
    }

    private static void Up(StringBuilder text, int rows)
    {
        if (rows > 0)
            text.Append(CultureInfo.InvariantCulture, $"\e[{rows}A");
    }
}
