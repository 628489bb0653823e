namespace Thimble.Models.Chat;

/// <summary>A template's text with its line ends made <c>\n</c> and the last one dropped, and the lines and columns of its places.</summary>
internal sealed class TemplateSource
{
    private readonly List<int> _lines = [0];

    public TemplateSource(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Text = text.EndsWith('\n') ? text[..^1] : text;
        for (int i = 0; i < Text.Length; i++)
        {
            if (Text[i] == '\n')
                _lines.Add(i + 1);
        }
    }

    public string Text { get; }

    public TemplatePosition At(int index)
    {
        int line = _lines.BinarySearch(index);
        if (line < 0)
            line = ~line - 1;
        return new(line + 1, index - _lines[line] + 1);
    }

    public InvalidDataException Fault(int index, string message) => Fault(At(index), message);

    public static InvalidDataException Fault(TemplatePosition at, string message) => new($"Chat template, {at}: {message}");
}
