using System.Globalization;
using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Speculative;

namespace Thimble.Lab.Analyze;

/// <summary>One reading of a text by a model that is watched.</summary>
internal sealed class ActivityReading : IDisposable
{
    private readonly ActivityOptions _options;
    private readonly ModelFile _file;
    private readonly Team _team;
    private readonly Decoder _decoder;
    private readonly WatchedDecoder _whole;
    private readonly List<WatchedDecoder> _exits = [];
    private readonly MedusaHeads? _heads;
    private readonly Arena _scratch = new();
    private readonly SortedDictionary<int, Watched> _layers = [];
    private readonly (long Agreed, long Right, long Places)[] _foreseen;

    public ActivityReading(string? model, ActivityOptions options)
    {
        (_options, _file) = (options, model is null ? DefaultModel.Open() : ModelFile.Open(model));
        _team = new Team(options.Threads ?? Cores.Best);
        _decoder = Architectures.Build(new Blueprint(_file, new Opening(Precision.Floats, null)) { Context = options.Length });
        if (_decoder.Head is null || _decoder.Reader is not null || _decoder.LooksAhead)
            throw new NotSupportedException($"'{_file.Path}' does not continue a text token by token; there is nothing to foretell.");
        _whole = new WatchedDecoder(_decoder, _team) { Observer = Watch };
        foreach (int layer in options.Exits)
        {
            _exits.Add(layer >= 1 && layer < _decoder.Layers.Count
                ? new WatchedDecoder(new Decoder(_decoder.Embedding, [.. _decoder.Layers.Take(layer)], _decoder.LastNorm, _decoder.Head, _decoder.Prelude) { Source = _decoder.Source }, _team)
                : throw new ArgumentException($"Layer {layer} is no early exit of '{_file.Path}', which has {_decoder.Layers.Count} layers; expected 1 to {_decoder.Layers.Count - 1}.", nameof(options)));
        }

        _heads = options.Heads is null ? null : MedusaHeads.Open(options.Heads, _decoder.Embedding.Width, _decoder.Head.Vocabulary);
        _foreseen = new (long, long, long)[_heads?.Count ?? 0];
    }

    /// <summary>Reads.</summary>
    public ModelActivity Run(string text, CancellationToken cancellationToken)
    {
        int[] tokens = Tokenizer.From(_file.Metadata).Encode(text);
        if (tokens.Length < _options.Length)
            throw new ArgumentException($"The text has {tokens.Length} tokens; a window takes {_options.Length}. Give a longer text, or shorter windows.", nameof(text));
        int windows = Math.Min(_options.Windows, tokens.Length / _options.Length);
        for (int window = 0; window < windows; window++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] part = tokens[(window * _options.Length)..((window + 1) * _options.Length)];
            int[] said = _whole.Read(part, null, _heads is null ? null : (vectors, own) => LookAhead(part, vectors, own));
            foreach (WatchedDecoder exit in _exits)
                exit.Read(part, said, null);
        }

        long bytes = _decoder.Weights.Append(_decoder.Embedding.Table).Concat(_decoder.Prelude is PerLayerInputs inputs ? [inputs.Table] : []).Distinct().Sum(weight => weight.Bytes);
        return new ModelActivity(
            (long)windows * _options.Length, _whole.Perplexity, _decoder.BytesPerToken, bytes,
            [.. _layers.Select(layer => layer.Value.Activity(layer.Key))],
            [.. _exits.Zip(_options.Exits, (exit, layer) => exit.Foresight($"exit behind layer {layer}"))],
            [.. _foreseen.Select((head, i) => new Foresight($"head {i + 1}, {i + 2} places on", (double)head.Agreed / head.Places, (double)head.Right / head.Places, double.NaN))]);
    }

    public void Dispose()
    {
        _whole.Dispose();
        foreach (WatchedDecoder exit in _exits)
            exit.Dispose();
        _heads?.Dispose();
        _scratch.Dispose();
        foreach (Weight weight in _decoder.Weights.Append(_decoder.Embedding.Table))
            weight.Dispose();
        _team.Dispose();
        _file.Dispose();
    }

    /// <summary>Lets heads guess at each place: head i the token i + 2 places on, which the whole model foretells one place before it.</summary>
    private void LookAhead(int[] tokens, Matrix vectors, int[] said)
    {
        for (int head = 0; head < _foreseen.Length; head++)
        {
            int ahead = head + 2;
            for (int row = 0; row + ahead < tokens.Length; row++)
            {
                using Arena.Scope _ = _scratch.Mark();
                int guess = TensorPrimitives.IndexOfMax<float>(_heads!.Score(head, vectors[row], _scratch, _team));
                _foreseen[head].Agreed += guess == said[row + ahead - 1] ? 1 : 0;
                _foreseen[head].Right += guess == tokens[row + ahead] ? 1 : 0;
                _foreseen[head].Places++;
            }
        }
    }

    /// <summary>Counts what goes into the last matrix of a feed-forward block.</summary>
    private void Watch(Weight weight, Matrix x)
    {
        if (weight.Name.Split('.') is not ["blk", var number, var part, ..] || !part.StartsWith("ffn_down", StringComparison.Ordinal))
            return;
        int layer = int.Parse(number, CultureInfo.InvariantCulture);
        if (!_layers.TryGetValue(layer, out Watched? watched))
            _layers.Add(layer, watched = new Watched(_file.FindInt("expert_count") ?? 0));
        watched.Add(weight.Name, x);
    }

    /// <summary>What was seen of a layer.</summary>
    private sealed class Watched(int experts)
    {
        private readonly long[] _choices = new long[experts];
        private long _nothing, _features;

        public void Add(string name, Matrix x)
        {
            foreach (float value in x.Values)
                _nothing += value == 0 ? 1 : 0;
            _features += x.Values.Length;
            int at = name.IndexOf('[', StringComparison.Ordinal);
            if (at > 0)
                _choices[int.Parse(name.AsSpan(at + 1, name.Length - at - 2), CultureInfo.InvariantCulture)] += x.Rows;
        }

        public LayerActivity Activity(int layer)
        {
            long all = _choices.Sum();
            return new LayerActivity(layer + 1, _nothing, _features, all == 0 ? [] : [.. _choices.Select(choices => (double)choices / all)]);
        }
    }
}
