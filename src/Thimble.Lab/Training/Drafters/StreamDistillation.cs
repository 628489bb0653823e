using Thimble.Compute.Threads;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Speculative;

namespace Thimble.Lab.Training;

/// <summary>Trains a drafter on the stream of what its target says: a few stretches a step, the latest among others of the last few hundred.</summary>
/// <remarks>All numbers of the drafter are trained; stretches come again, at random, while they are remembered. Guesses are made with the very numbers that move, so what was learnt shows in the next guess.
/// Source: Ramakrishnan et al., "OmniDraft", 2025, section 3.2 and algorithm 1.</remarks>
internal sealed class StreamDistillation : Distillation
{
    private const int MostRemembered = 256, LastSteps = 48;
    private const long RememberedBytes = 64 << 20;

    private readonly TrainedModel _trained;
    private readonly Trainer _trainer;
    private readonly Queue<DraftLesson> _lessons = [];
    private readonly List<DraftLesson> _remembered = [];
    private readonly Random _random = new(1);
    private readonly Lock _lock = new();
    private readonly string? _output;
    private readonly int _room;   // stretches that wait, and that are remembered; when the target writes faster than the drafter learns, older ones are not learnt
    private List<float[]?> _probabilities = [];
    private int _owed, _oldest;

    /// <summary>A copy of a model that learns.</summary>
    /// <param name="file">The model.</param>
    /// <param name="output">Where it is written in the end; null for nowhere.</param>
    /// <param name="context">The longest text.</param>
    /// <param name="team">Who guesses.</param>
    /// <param name="rate">How far a step goes.</param>
    /// <exception cref="NotSupportedException">The model has a block that cannot be trained; the message says which can.</exception>
    public StreamDistillation(ModelFile file, string? output, int context, Team team, float rate = 5e-4f)
    {
        _output = output;
        _trained = new TrainedModel(file, context);
        try
        {
            foreach (Parameter parameter in _trained.Graph.Parameters)
                parameter.IsTrained = parameter.Name.Length > 0 && parameter.IsFloat;
            _trainer = new Trainer(_trained.Graph, new() { Optimiser = new() { Rate = rate, Decay = 0 }, Schedule = new() { Shape = "constant", WarmUp = 20 }, Threads = 1 })
            {
                Objective = new Divergence(this),
            };
            Model = new DraftModel(_trained.Graph.Decoder, Tokenizer.From(file.Metadata), team, context);
            _room = (int)Math.Clamp(RememberedBytes / (LongestStretch * sizeof(float) * (long)Model.Vocabulary), 2, MostRemembered);
            RequireTrainable();
        }
        catch
        {
            _trainer?.Dispose();
            _trained.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public override DraftModel Model { get; }

    /// <summary>Weight of the drafter's tokens within one of the target's.</summary>
    public double Lambda { get; init; } = 0.2;

    /// <summary>Stretches learnt in one step.</summary>
    public int PerStep { get; init; } = 8;

    /// <summary>Steps for every new stretch.</summary>
    public int StepsEach { get; init; } = 2;

    /// <summary>Steps taken.</summary>
    public int Steps => _trainer.Steps;

    /// <summary>The loss of the latest step, before it.</summary>
    public double Loss { get; private set; } = double.NaN;

    /// <inheritdoc />
    public override long Bytes => _trained.Bytes + _trainer.Bytes + (2 * _room * LongestStretch * sizeof(float) * (long)Model.Vocabulary);

    /// <inheritdoc />
    public override void Take(DraftLesson lesson)
    {
        lock (_lock)
        {
            if (_lessons.Count == _room)
                _lessons.Dequeue();
            _lessons.Enqueue(lesson);
        }
    }

    /// <inheritdoc />
    public override bool Study()
    {
        List<DraftLesson> lessons = Latest();
        if (_owed == 0)
            return false;
        _owed--;
        while (lessons.Count < Math.Min(PerStep, _remembered.Count))
            lessons.Add(_remembered[_random.Next(_remembered.Count)]);
        Batch batch = Of(lessons);
        if (batch.Counted > 0)
            Loss = _trainer.Step([batch]).Loss;
        return true;
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        try
        {
            for (int i = 0; _output is not null && i < LastSteps && Study(); i++)
            {
                // a text that has just ended is worth its while
            }

            if (_output is not null && Steps > 0)
                _trained.Save(_output);
        }
        finally
        {
            Model.Dispose();
            _trainer.Dispose();
            _trained.Dispose();
        }
    }

    /// <summary>The stretches that are new, at most a step's; they are remembered from now on in place of the oldest.</summary>
    private List<DraftLesson> Latest()
    {
        List<DraftLesson> lessons = [];
        lock (_lock)
        {
            while (lessons.Count < PerStep && _lessons.TryDequeue(out DraftLesson? lesson))
                lessons.Add(lesson);
        }

        foreach (DraftLesson lesson in lessons)
        {
            if (_remembered.Count < _room)
                _remembered.Add(lesson);
            else
                _remembered[_oldest++ % _room] = lesson;
        }

        _owed += lessons.Count * StepsEach;
        return lessons;
    }

    /// <summary>Stretches as rows: each token foretells the next, and those of the stretch itself count.</summary>
    private Batch Of(List<DraftLesson> lessons)
    {
        _probabilities = [];
        List<int> tokens = [], targets = [];
        List<(int, int)> segments = [];
        foreach (DraftLesson lesson in lessons)
        {
            segments.Add((tokens.Count, lesson.Ids.Length - 1));
            for (int i = 1; i < lesson.Ids.Length; i++)
            {
                tokens.Add(lesson.Ids[i - 1]);
                targets.Add(i >= lesson.From ? lesson.Ids[i] : -1);
                _probabilities.Add(i >= lesson.From ? lesson.Probabilities[i - lesson.From] : null);
            }
        }

        return new([.. tokens], [.. targets], [.. segments]);
    }

    /// <summary>Tries the model once without moving it: a block that cannot be trained is named now and not in the middle of a text.</summary>
    private void RequireTrainable()
    {
        _probabilities = [null];
        _trainer.Evaluate([new([0], [0], [(0, 1)])]);
    }

    /// <summary>What the target's probabilities say of the batch.</summary>
    private sealed class Divergence(StreamDistillation stream) : Objective
    {
        public override Loss Of(Tape tape, Graph graph, float share) =>
            ReverseDivergence.Of(tape, graph.Vectors(tape), graph.Head(), share, stream._probabilities, stream.Lambda);
    }
}
