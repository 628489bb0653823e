namespace Thimble.Lab.Evaluate;

/// <summary>A model that is asked questions. It is open in one way at a time: to score options, or to write.</summary>
/// <param name="path">The model; null for the one inside the library.</param>
/// <param name="options">How it is opened.</param>
internal sealed class Candidate(string? path, EvaluationOptions options) : IDisposable
{
    private const int Batch = 16;   // choices scored, or exercises written, at a time

    private Scorer? _scorer;
    private Model? _model;

    /// <summary>What it is.</summary>
    public EvaluatedModel? Description { get; private set; }

    /// <summary>Answers questions.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="answered">Told of each answer, one at a time.</param>
    /// <param name="cancellation">Stops it within a batch.</param>
    public async Task AnswerAsync(IReadOnlyList<Question> questions, Action<Answer> answered, CancellationToken cancellation)
    {
        Choice[] choices = [.. questions.OfType<Choice>()];
        Exercise[] exercises = [.. questions.OfType<Exercise>()];
        if (choices.Length > 0)
            await Task.Run(() => Score(choices, answered, cancellation), cancellation).ConfigureAwait(false);
        if (exercises.Length > 0)
            await WriteAsync(exercises, answered, cancellation).ConfigureAwait(false);
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _scorer?.Dispose();
        _model?.Dispose();
        (_scorer, _model) = (null, null);
    }

    private void Score(Choice[] choices, Action<Answer> answered, CancellationToken cancellation)
    {
        if (_scorer is null)
        {
            Dispose();
            _scorer = new Scorer(path, options.Opening);
            Description = EvaluatedModel.Of(_scorer.File);
        }

        using var scorer = new OptionScorer(_scorer);
        foreach (Choice[] batch in choices.Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (Answer answer in scorer.Score(batch))
                answered(answer);
        }
    }

    private async Task WriteAsync(Exercise[] exercises, Action<Answer> answered, CancellationToken cancellation)
    {
        if (_model is null)
        {
            Dispose();
            _model = path is null ? Model.OpenDefault(options.Opening) : Model.Open(path, options.Opening);
            Description = EvaluatedModel.Of(_model.File);
        }

        var writer = new Writer(_model);
        var gate = new Lock();
        ParallelOptions together = new() { MaxDegreeOfParallelism = Batch, CancellationToken = cancellation };
        await Parallel.ForEachAsync(exercises, together, async (exercise, stop) =>
        {
            Answer answer = await writer.WriteAsync(exercise, stop).ConfigureAwait(false);
            lock (gate)
                answered(answer);
        }).ConfigureAwait(false);
    }
}
