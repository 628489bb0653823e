using System.Globalization;

namespace Thimble.Cli.Editing;

/// <summary>A line that is edited: its text and where the caret stands. The caret never stands inside a character.</summary>
internal sealed class EditBuffer
{
    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where the caret stands, in UTF-16 units.</summary>
    public int Caret { get; private set; }

    /// <summary>Replaces the text and goes to its end.</summary>
    public void Set(string text) => (Text, Caret) = (text, text.Length);

    public void Insert(string text) => (Text, Caret) = (Text.Insert(Caret, text), Caret + text.Length);

    public void Backspace() => Remove(Before(), Caret);

    public void Delete() => Remove(Caret, After());

    public void Left() => Caret = Before();

    public void Right() => Caret = After();

    public void Home() => Caret = 0;

    public void End() => Caret = Text.Length;

    public void WordLeft() => Caret = WordBefore();

    public void WordRight()
    {
        while (Caret < Text.Length && !char.IsLetterOrDigit(Text[Caret]))
            Caret++;
        while (Caret < Text.Length && char.IsLetterOrDigit(Text[Caret]))
            Caret++;
    }

    public void RemoveWord() => Remove(WordBefore(), Caret);

    public void RemoveToEnd() => Remove(Caret, Text.Length);

    public void RemoveToStart() => Remove(0, Caret);

    private void Remove(int start, int end) => (Text, Caret) = (Text.Remove(start, end - start), start);

    private int After() => Caret == Text.Length ? Caret : Caret + StringInfo.GetNextTextElementLength(Text, Caret);

    private int Before()
    {
        int at = 0;
        for (int next = 0; next < Caret; next += StringInfo.GetNextTextElementLength(Text, next))
            at = next;
        return at;
    }

    private int WordBefore()
    {
        int at = Caret;
        while (at > 0 && !char.IsLetterOrDigit(Text[at - 1]))
            at--;
        while (at > 0 && char.IsLetterOrDigit(Text[at - 1]))
            at--;
        return at;
    }
}
