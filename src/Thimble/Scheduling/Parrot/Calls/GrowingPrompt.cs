using System.Text;

namespace Thimble.Scheduling;

/// <summary>A prompt to which texts and tokens are added: texts beside one another are turned into tokens together, as one text would be.</summary>
/// <param name="model">Whose tokens.</param>
internal sealed class GrowingPrompt(Model model)
{
    private readonly List<int> _tokens = [];
    private readonly StringBuilder _text = new();
    private bool _parses;

    /// <summary>Names the vocabulary.</summary>
    public string Vocabulary => model.Name;

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _tokens.Count == 0 && _text.Length == 0;

    /// <summary>Adds text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parseSpecial">Whether special tokens in it are read as such.</param>
    public void Add(string text, bool parseSpecial)
    {
        if (parseSpecial != _parses)
            Flush();
        _parses = parseSpecial;
        _text.Append(text);
    }

    /// <summary>Adds tokens.</summary>
    public void Add(ReadOnlySpan<int> tokens)
    {
        Flush();
        _tokens.AddRange(tokens);
    }

    /// <summary>All tokens so far, at least the one that begins a text.</summary>
    public int[] Tokens()
    {
        Flush();
        if (_tokens.Count == 0)
            _tokens.AddRange(model.Tokenizer.Lead);
        return [.. _tokens];
    }

    private void Flush()
    {
        if (_text.Length == 0)
            return;

        // A tokenizer that begins every text with a space would put a second one here.
        bool sheds = _tokens.Count > 0 && _text[0] == ' ' && model.Tokenizer.AddsSpacePrefix;
        _tokens.AddRange(model.Tokenizer.Encode(_text.ToString(sheds ? 1 : 0, _text.Length - (sheds ? 1 : 0)), addSpecial: _tokens.Count == 0, _parses));
        _text.Clear();
    }
}
