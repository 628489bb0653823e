using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Evaluate;

/// <summary>A model that reads tokens of many sequences in shared steps and shows what it thinks comes next; it writes nothing.</summary>
internal sealed class Scorer : IDisposable
{
    private const int ScoredRows = 32;   // vectors whose logits are held at once

    private readonly ModelOptions _opening;
    private readonly Team _team;
    private readonly Pass _pass;
    private readonly Decoder _decoder;
    private readonly StatePool _states;

    /// <summary>Opens a model.</summary>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="opening">How it is opened.</param>
    /// <param name="context">The longest sequence; null for what the model was made for.</param>
    public Scorer(string? path, ModelOptions opening, int? context = null)
    {
        _opening = opening;
        File = path is null ? DefaultModel.Open() : ModelFile.Open(path);
        _team = new Team(opening.Threads ?? Cores.Best, pinned: true);
        _pass = new Pass(_team);
        try
        {
            Tokenizer = Tokenizer.From(File.Metadata);
            int made = File.FindInt("context_length") is > 0 and var length ? length : 4096;
            Context = context ?? opening.ContextLength ?? made;
            var way = new Opening(opening.Exact ? Precision.Floats : Precision.Bytes, opening.Packed ? _team : null);
            _decoder = Architectures.Build(new Blueprint(File, way) { Context = Context });
            _states = new StatePool(_decoder.States, long.MaxValue / 2, CellFormat.Named(opening.CacheFormat));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public ModelFile File { get; }

    /// <summary>Text to tokens.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The most tokens of a sequence.</summary>
    public int Context { get; }

    /// <summary>Tokens it scores.</summary>
    /// <exception cref="NotSupportedException">It only embeds.</exception>
    public int Vocabulary => Head.Vocabulary;

    /// <summary>Shown each product; null for nobody.</summary>
    public ProductObserver? Observer
    {
        get => _pass.Observer;
        set => _pass.Observer = value;
    }

    /// <summary>Times each operation; null for nobody.</summary>
    public OperationTrace? Trace
    {
        get => _pass.Trace;
        set => _pass.Trace = value;
    }

    private Head Head => _decoder.Head is { } head && _decoder.Reader is null
        ? head
        : throw new NotSupportedException(_decoder.Head is null
            ? $"'{File.Path}' scores no tokens: it only embeds."
            : $"'{File.Path}' reads a prompt with an encoder first; only models that continue a text are scored here.");

    /// <summary>An empty sequence.</summary>
    public SequenceState CreateSequence() => new(_states);

    /// <summary>Reads, as many sequences in a step as fit.</summary>
    /// <param name="readings">What to read; each sequence once.</param>
    /// <param name="visitor">Shown the wanted tokens' scores, in order; null where none are wanted.</param>
    /// <exception cref="NotSupportedException">Scores are wanted and the model scores no tokens.</exception>
    public void Read(IReadOnlyList<Passage> readings, ScoreVisitor? visitor = null)
    {
        List<(int Reading, int Row)> shown = [];
        for (int next = 0, done = 0; next < readings.Count;)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            _pass.Clear();
            shown.Clear();
            while (next < readings.Count && _pass.Rows < _opening.PrefillChunk)
            {
                Passage reading = readings[next];
                int count = Math.Min(reading.Tokens.Length - done, _opening.PrefillChunk - _pass.Rows);
                int after = reading.Tokens.Length - done - count;
                int wanted = Math.Clamp(reading.Wanted - after, 0, count);
                _pass.Add(reading.State, reading.Tokens.Span.Slice(done, count), wanted);
                for (int i = wanted; i > 0; i--)
                    shown.Add((next, reading.Wanted - after - i));
                done += count;
                if (after == 0)
                    (next, done) = (next + 1, 0);
            }

            Matrix vectors = _decoder.Forward(_pass);
            if (visitor is not null)
                Show(vectors, shown, visitor);
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

    private void Show(Matrix vectors, List<(int Reading, int Row)> shown, ScoreVisitor visitor)
    {
        Span<double> sums = stackalloc double[ScoredRows];
        for (int row = 0; row < vectors.Rows; row += ScoredRows)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            int count = Math.Min(ScoredRows, vectors.Rows - row);
            Matrix logits = Head.Apply(_pass, vectors.Part(row, count));
            using (OperationTrace.Of(Trace, nameof(LogSums), count, logits.Columns, 1))
                _team.Run(new LogSums(logits, sums[..count]));
            for (int i = 0; i < count; i++)
                visitor(shown[row + i].Reading, shown[row + i].Row, logits[i], sums[i]);
        }
    }
}
