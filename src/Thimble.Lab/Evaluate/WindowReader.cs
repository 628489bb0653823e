using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Evaluate;

/// <summary>A model that reads a text in windows, each from an empty state.</summary>
internal sealed class WindowReader : IDisposable
{
    private const int ScoredRows = 32;   // vectors whose logits are held at once

    private readonly WindowOptions _options;
    private readonly Team _team;
    private readonly Decoder _decoder;
    private readonly StatePool _states;
    private readonly Pass _pass;
    private readonly int[] _tokens;
    private readonly int? _begin;

    /// <summary>Opens a model and cuts a text.</summary>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">Windows and opening.</param>
    /// <exception cref="ArgumentException">The text does not fill a window.</exception>
    public WindowReader(string? path, string text, WindowOptions options)
    {
        _options = options;
        File = path is null ? DefaultModel.Open() : ModelFile.Open(path);
        _team = new Team(options.Opening.Threads ?? Cores.Best, pinned: true);
        _pass = new Pass(_team);
        try
        {
            var tokenizer = Tokenizer.From(File.Metadata);
            _begin = tokenizer.AddsBeginOfText ? tokenizer.BeginOfText : null;
            _tokens = tokenizer.Encode(text);
            Count = Math.Min(_tokens.Length / options.Length, options.Limit ?? int.MaxValue);
            if (Count == 0)
            {
                throw new ArgumentException(
                    $"The text has {_tokens.Length} tokens; a window takes {options.Length}. Give a longer text, or shorter windows.", nameof(text));
            }

            var opening = new Opening(options.Opening.Exact ? Precision.Floats : Precision.Bytes, options.Opening.Packed ? _team : null);
            _decoder = Architectures.Build(new Blueprint(File, opening) { Context = options.Length });
            _states = new StatePool(_decoder.States, options.Length + KeyValueStore.PageTokens, CellFormat.Named(options.Opening.CacheFormat));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public ModelFile File { get; }

    /// <summary>Windows in the text.</summary>
    public int Count { get; }

    /// <summary>Shown each product; null for nobody.</summary>
    public ProductObserver? Observer
    {
        get => _pass.Observer;
        set => _pass.Observer = value;
    }

    /// <summary>Reads one window.</summary>
    /// <param name="window">Its number.</param>
    /// <param name="losses">Receives <c>−ln p</c> of as many of its last tokens; may be empty.</param>
    /// <exception cref="NotSupportedException">Losses are wanted and the model scores no tokens.</exception>
    public void Read(int window, Span<double> losses)
    {
        int length = _options.Length, first = length - losses.Length;   // the first token whose loss is wanted
        int[] tokens = _tokens[(window * length)..((window + 1) * length)];
        if (_begin is { } begin)
            tokens[0] = begin;

        using var state = new SequenceState(_states);
        for (int at = 0; at < length; at += _options.Opening.PrefillChunk)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            _pass.Clear();
            int count = Math.Min(_options.Opening.PrefillChunk, length - at);
            // A vector scores the token behind it: those wanted begin one before, and the window's last scores nothing.
            int wanted = Math.Clamp(at + count - (first - 1), 0, count), last = at + count == length ? 1 : 0;
            if (losses.IsEmpty)
                wanted = 0;
            _pass.Add(state, tokens.AsSpan(at, count), wanted);
            Matrix vectors = _decoder.Forward(_pass);
            int scored = Math.Max(wanted - last, 0), from = at + count - wanted + 1;
            if (scored > 0)
                Score(vectors.Part(0, scored), tokens.AsSpan(from, scored), losses.Slice(from - first, scored));
        }
    }

    /// <summary>Frees the memory and closes the file.</summary>
    public void Dispose()
    {
        _pass.Dispose();
        _states?.Dispose();
        foreach (Weight weight in _decoder?.Weights.Append(_decoder.Embedding.Table) ?? [])
            weight.Dispose();
        _team.Dispose();
        File.Dispose();
    }

    private void Score(Matrix vectors, ReadOnlySpan<int> tokens, Span<double> losses)
    {
        Head head = _decoder.Head ?? throw new NotSupportedException($"'{File.Path}' scores no tokens: it only embeds.");
        for (int row = 0; row < vectors.Rows; row += ScoredRows)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            int count = Math.Min(ScoredRows, vectors.Rows - row);
            _team.Run(new Losses(head.Apply(_pass, vectors.Part(row, count)), tokens.Slice(row, count), losses.Slice(row, count)));
        }
    }
}
