using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Lab.Evaluate;

/// <summary>A model that reads a text in windows, each from an empty state.</summary>
internal sealed class WindowReader : IDisposable
{
    private readonly WindowOptions _options;
    private readonly Scorer _scorer;
    private readonly int[] _tokens;
    private readonly int? _begin;

    /// <summary>Opens a model and cuts a text.</summary>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">Windows and opening.</param>
    /// <exception cref="ArgumentException">The text does not fill a window.</exception>
    public WindowReader(string? path, string text, WindowOptions options)
    {
        if (options.Stride > options.Length)
            throw new ArgumentException($"Stride is {options.Stride}; windows of {options.Length} tokens would leave out what lies between them.", nameof(options));
        _options = options;
        _scorer = new Scorer(path, options.Opening, options.Length);
        try
        {
            // Strided windows go on from one another; only the text's own beginning is marked.
            _begin = options.Stride is null && _scorer.Tokenizer.AddsBeginOfText ? _scorer.Tokenizer.BeginOfText : null;
            _tokens = _scorer.Tokenizer.Encode(text);
            int whole = options.Stride is { } stride
                ? 1 + Math.Max(0, (_tokens.Length - options.Length + stride - 1) / stride)
                : _tokens.Length / options.Length;
            Count = _tokens.Length < options.Length ? 0 : Math.Min(whole, options.Limit ?? int.MaxValue);
            if (Count == 0)
            {
                throw new ArgumentException(
                    $"The text has {_tokens.Length} tokens; a window takes {options.Length}. Give a longer text, or shorter windows.", nameof(text));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public ModelFile File => _scorer.File;

    /// <summary>Tokens it scores.</summary>
    public int Vocabulary => _scorer.Vocabulary;

    /// <summary>Windows in the text.</summary>
    public int Count { get; }

    /// <summary>Shown each product; null for nobody.</summary>
    public ProductObserver? Observer
    {
        get => _scorer.Observer;
        set => _scorer.Observer = value;
    }

    /// <summary>Tokens of a window whose losses belong to the text's perplexity: its last ones.</summary>
    public int Scored(int window)
    {
        // llama.cpp scores the tokens after position n/2: one less than half a window.
        if (_options.Stride is not { } stride)
            return _options.Length - (_options.Length / 2) - 1;
        return window == 0 ? _options.Length - 1 : Window(window).Length - (_options.Length - stride);
    }

    /// <summary>Reads one window.</summary>
    /// <param name="window">Its number.</param>
    /// <param name="losses">Receives <c>−ln p</c> of as many of its last tokens; may be empty.</param>
    /// <exception cref="NotSupportedException">Losses are wanted and the model scores no tokens.</exception>
    public void Read(int window, double[] losses)
    {
        int[] tokens = Window(window).ToArray();
        int first = tokens.Length - losses.Length;
        using SequenceState state = _scorer.CreateSequence();
        if (losses.Length == 0)
            _scorer.Read([new Passage(state, tokens, 0)]);
        else
            Visit(window, losses.Length, (row, logits, logSum) => losses[row] = logSum - logits[tokens[first + row]]);
    }

    /// <summary>Shows what the model thinks before each of a window's last tokens.</summary>
    /// <param name="window">Its number.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="visitor">Shown the scores before each, in order.</param>
    public void Visit(int window, int count, TokenVisitor visitor)
    {
        // A vector scores the token behind it, so that the window's last need not be read.
        using SequenceState state = _scorer.CreateSequence();
        _scorer.Read([new Passage(state, Window(window)[..^1].ToArray(), count)], (_, row, logits, logSum) => visitor(row, logits, logSum));
    }

    /// <summary>The last tokens of a window.</summary>
    public ReadOnlySpan<int> Last(int window, int count) => Window(window)[^count..];

    /// <summary>Frees the memory and closes the file.</summary>
    public void Dispose() => _scorer.Dispose();

    private ReadOnlySpan<int> Window(int window)
    {
        int start = window * (_options.Stride ?? _options.Length);
        int[] tokens = _tokens[start..Math.Min(start + _options.Length, _tokens.Length)];
        if (_begin is { } begin)
            tokens[0] = begin;
        return tokens;
    }
}

/// <summary>Sees what a model thinks before a token.</summary>
/// <param name="row">The token's place among those visited.</param>
/// <param name="logits">Shape [vocabulary].</param>
/// <param name="logSum"><c>ln Σ exp(logit)</c>.</param>
internal delegate void TokenVisitor(int row, ReadOnlySpan<float> logits, double logSum);
