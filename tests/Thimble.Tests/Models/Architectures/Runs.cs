using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>A model opened for tests, fed in any way, giving all logits.</summary>
internal sealed class Runs : IDisposable
{
    private readonly ModelFile _file;
    private readonly StatePool _states;
    private readonly Team _team;
    private readonly Pass _pass;

    public Runs(string path, Precision precision = Precision.Floats, string cell = "F32", int threads = 1)
        : this(ModelFile.Open(path), precision, cell, threads)
    {
    }

    public Runs(ModelFile file, Precision precision = Precision.Floats, string cell = "F32", int threads = 1)
    {
        _file = file;
        Decoder = Thimble.Models.Architectures.Architectures.Build(new Blueprint(_file, new(precision)) { Context = 256 });
        _states = new StatePool(Decoder.States, 1 << 16, CellFormat.Named(cell));
        _team = new Team(threads);
        _pass = new Pass(_team);
    }

    public Decoder Decoder { get; }

    public ModelFile File => _file;

    /// <summary>Told of every product.</summary>
    public ProductObserver? Observer
    {
        set => _pass.Observer = value;
    }

    public SequenceState Start() => new(_states);

    /// <summary>Logits after every token, fed in chunks.</summary>
    public float[][] Logits(int[] tokens, int chunk, AdaptationSet? adapters = null)
    {
        using SequenceState state = Start();
        List<float[]> logits = [];
        for (int at = 0; at < tokens.Length; at += chunk)
            logits.AddRange(Feed((state, tokens[at..Math.Min(tokens.Length, at + chunk)], adapters)));
        return [.. logits];
    }

    /// <summary>Logits after every new token of every sequence, in order.</summary>
    public float[][] Feed(params (SequenceState State, int[] Tokens)[] sequences) =>
        Feed([.. sequences.Select(sequence => (sequence.State, sequence.Tokens, (AdaptationSet?)null))]);

    /// <summary>Logits after every new token of every sequence, each with adapters of its own.</summary>
    public float[][] Feed(params (SequenceState State, int[] Tokens, AdaptationSet? Adapters)[] sequences)
    {
        using Arena.Scope _ = _pass.Scratch.Mark();
        _pass.Clear();
        foreach ((SequenceState state, int[] tokens, AdaptationSet? adapters) in sequences)
            _pass.Add(state, tokens, tokens.Length, adapters);
        Matrix logits = Decoder.Head!.Apply(_pass, Decoder.Forward(_pass));
        float[][] rows = new float[logits.Rows][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = logits[i].ToArray();
        return rows;
    }

    /// <summary>Logits after every token of a tree that continues a sequence, or of its last tokens, where the others have been fed.</summary>
    public float[][] Feed(SequenceState state, int[] tokens, TokenTree tree)
    {
        using Arena.Scope _ = _pass.Scratch.Mark();
        _pass.Clear();
        _pass.Add(state, tokens, tree, tokens.Length);
        Matrix logits = Decoder.Head!.Apply(_pass, Decoder.Forward(_pass));
        float[][] rows = new float[logits.Rows][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = logits[i].ToArray();
        return rows;
    }

    /// <summary>Logits after every token of a sequence that has vectors in place of some, fed in chunks.</summary>
    public float[][] Logits(int[] tokens, int chunk, Inserts inserts)
    {
        using SequenceState state = Start();
        List<float[]> logits = [];
        while (state.Length < tokens.Length)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            _pass.Clear();
            int count = inserts.Whole(state.Length, Math.Min(chunk, tokens.Length - state.Length));
            _pass.Add(state, tokens.AsSpan(state.Length, count), count, inserts: inserts);
            Matrix rows = Decoder.Head!.Apply(_pass, Decoder.Forward(_pass));
            for (int i = 0; i < rows.Rows; i++)
                logits.Add(rows[i].ToArray());
        }

        return [.. logits];
    }

    /// <summary>Logits after every token that is written, in chunks, once a text has been read.</summary>
    public float[][] Written(int[] source, int[] tokens, int chunk)
    {
        using StatePool kept = new(Decoder.Reader!.States, 1 << 12, CellFormat.Named("F32")), passing = new(Decoder.Reader.Encoder.States, 1 << 12, CellFormat.Named("F32"));
        using SequenceState state = Start();
        Decoder.Reader.Read(_pass, state, kept, passing, source);
        List<float[]> logits = [];
        for (int at = 0; at < tokens.Length; at += chunk)
            logits.AddRange(Feed((state, tokens[at..Math.Min(tokens.Length, at + chunk)])));
        return [.. logits];
    }

    /// <summary>What the model's pooling makes of texts, all in one run.</summary>
    public float[][] Vectors(int[][] texts)
    {
        using Arena.Scope _ = _pass.Scratch.Mark();
        _pass.Clear();
        SequenceState[] states = [.. texts.Select(_ => Start())];
        for (int i = 0; i < texts.Length; i++)
            _pass.Add(states[i], texts[i], texts[i].Length);
        Matrix rows = Decoder.Forward(_pass), sums = _pass.Scratch.Rent(texts.Length, rows.Columns);
        sums.Values.Clear();
        for (int i = 0, row = 0; i < texts.Length; i++)
        {
            int skipped = texts[i].Length - Decoder.Pooling!.Wanted(texts[i].Length);
            for (int token = 0; token < texts[i].Length; token++, row++)
            {
                if (token >= skipped)
                    Decoder.Pooling.Take(rows[row], token - skipped, sums[i]);
            }

            states[i].Dispose();
        }

        Matrix outcome = Decoder.Pooling!.Finish(_pass, sums, [.. texts.Select(text => Decoder.Pooling.Wanted(text.Length))]);
        float[][] vectors = new float[texts.Length][];
        for (int i = 0; i < texts.Length; i++)
            vectors[i] = outcome[i].ToArray();
        return vectors;
    }

    public void Dispose()
    {
        _pass.Dispose();
        _team.Dispose();
        _states.Dispose();
        _file.Dispose();
    }
}
