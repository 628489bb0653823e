using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>A model that is learnt from: what it would say next at each row of a student's batch.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly ModelFile _file;
    private readonly TrainedModel _model;
    private readonly VocabularyMap? _map;
    private Tape? _tape;
    private Value? _vectors;
    private int[] _places = [];
    private float[] _logits = [];
    private int _columns;

    /// <summary>Opens it.</summary>
    /// <param name="path">The model.</param>
    /// <param name="student">The tokenizer of who learns; null for the teacher's own.</param>
    /// <param name="context">The longest sequence.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has a block that this build cannot put on a tape.</exception>
    public Teacher(string path, Tokenizer? student, int context)
        : this(ModelFile.Open(path), student, context)
    {
    }

    /// <summary>As the other, of a file that is open; it is freed with this.</summary>
    public Teacher(ModelFile file, Tokenizer? student, int context)
    {
        _file = file;
        _model = new TrainedModel(_file, context, frozen: true);
        _map = student is null ? null : VocabularyMap.Of(student, Tokenizer.From(_file.Metadata));
    }

    /// <summary>Whether its tokens are not the student's.</summary>
    public bool HasOtherTokens => _map is not null;

    /// <summary>Reads the batch of a tape.</summary>
    public void Read(Tape tape)
    {
        _tape ??= new Tape(tape.Team) { Pulls = false };
        _tape.Clear();
        _tape.Batch = Follow(tape.Batch);
        _vectors = _model.Graph.Vectors(_tape);
    }

    /// <summary>How likely it finds a batch's targets, of its own vocabulary.</summary>
    /// <param name="tape">Whose batch.</param>
    /// <returns>Logarithms, shape [rows].</returns>
    public double[] Likelihoods(Tape tape)
    {
        Read(tape);
        return Training.Likelihoods.Of(_tape!, _vectors!, _model.Graph.Head());
    }

    /// <summary>Works out the logits of some rows.</summary>
    public void Prepare(int first, int count)
    {
        using Arena.Scope _ = _tape!.Scratch.Mark();
        if (_map is null)
        {
            Keep(_model.Graph.Head().Logits(_tape, _vectors!.Result.Part(first, count)));
            return;
        }

        int columns = _vectors!.Columns;
        Matrix chosen = _tape.Scratch.Rent(count, columns);
        chosen.Values.Clear();
        for (int i = 0; i < count; i++)
        {
            if (_places[first + i] >= 0)
                _vectors.Result[_places[first + i]].CopyTo(chosen[i]);
        }

        Keep(_model.Graph.Head().Logits(_tape, chosen));
    }

    /// <summary>The logits at a row that was prepared; empty where the teacher has no token's end there.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">Which of those that were prepared.</param>
    public ReadOnlySpan<float> Logits(int row, int place) => _map is not null && _places[row] < 0 ? default : _logits.AsSpan(place * _columns, _columns);

    /// <summary>Logits as a distribution over the student's tokens.</summary>
    /// <param name="logits">Shape [own vocabulary].</param>
    /// <param name="temperature">What they are divided by.</param>
    /// <param name="p">Receives it, shape [student's vocabulary].</param>
    public void Soften(ReadOnlySpan<float> logits, float temperature, Span<float> p)
    {
        float[] own = new float[logits.Length];
        TensorPrimitives.Divide(logits, temperature, own);
        TensorPrimitives.SoftMax<float>(own, own);
        if (_map is not null)
            _map.Move(own, p);
        else if (own.Length == p.Length)
            own.CopyTo(p);
        else
            throw new InvalidDataException($"The teacher scores {own.Length} tokens and the student {p.Length}, though both have the same tokenizer; give one a tokenizer of its own size.");
    }

    /// <summary>Frees it.</summary>
    public void Dispose()
    {
        _tape?.Dispose();
        _model.Dispose();
        _file.Dispose();
    }

    private void Keep(Matrix logits)
    {
        _columns = logits.Columns;
        if (_logits.Length < logits.Values.Length)
            _logits = new float[logits.Values.Length];
        logits.Values.CopyTo(_logits);
    }

    private Batch Follow(Batch batch)
    {
        if (_map is null)
            return batch;
        List<int> tokens = [];
        List<(int, int)> segments = [];
        _places = new int[batch.Rows];
        foreach ((int first, int count) in batch.Segments)
        {
            (int[] theirs, int[] places) = _map.Follow(batch.Tokens.AsSpan(first, count));
            for (int i = 0; i < count; i++)
                _places[first + i] = places[i] < 0 ? -1 : tokens.Count + places[i];
            segments.Add((tokens.Count, theirs.Length));
            tokens.AddRange(theirs);
        }

        return new([.. tokens], [.. Enumerable.Repeat(-1, tokens.Count)], [.. segments]);
    }
}
