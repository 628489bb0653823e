using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Builds one text of bounded length and nesting.</summary>
internal sealed class Printer(Rendering rendering)
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Append(string text)
    {
        _text.Append(text);
        rendering.CheckLength(_text.Length);
    }

    public void Append(char character) => _text.Append(character);

    /// <summary>One container further in.</summary>
    public void Enter()
    {
        rendering.Step();
        if (++_depth > rendering.Limits.Depth)
            throw rendering.OverLimit($"a value nests deeper than {rendering.Limits.Depth} levels", nameof(TemplateLimits.Depth));
    }

    /// <summary>One container further out.</summary>
    public void Leave() => _depth--;

    public override string ToString()
    {
        rendering.Charge(_text.Length);
        return _text.ToString();
    }
}
