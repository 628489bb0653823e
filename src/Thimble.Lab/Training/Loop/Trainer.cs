using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Takes steps: gradients over one or more batches, clipped, then the optimiser.</summary>
/// <remarks>The same seed gives the same numbers with any number of threads.</remarks>
internal sealed class Trainer : ITrainer
{
    private readonly Team _team;
    private readonly Tape _tape;
    private readonly Optimiser _optimiser;
    private readonly Parameter[] _trained;
    private readonly Allocation[] _memory;

    /// <summary>A trainer at its first step.</summary>
    /// <param name="graph">The model; the parameters marked as trained are.</param>
    /// <param name="options">How it trains.</param>
    public Trainer(Graph graph, TrainerOptions options)
    {
        (Graph, Options) = (graph, options);
        _team = new Team(options.Threads ?? Cores.Best);
        _tape = new Tape(_team);
        _optimiser = Optimisers.Named(options.Optimiser);
        _trained = [.. graph.Parameters.Where(parameter => parameter.IsTrained).OrderBy(parameter => parameter.Name, StringComparer.Ordinal)];
        if (_trained.Length == 0)
            throw new ArgumentException("No parameter of the model is trained: thaw some, or add an adapter.", nameof(graph));
        _memory = [.. _trained.Select(parameter => new Allocation(Math.Max(1, (long)parameter.Length * _optimiser.Slots) * sizeof(float)))];
        (graph.Recomputes, graph.Balance) = (options.Recompute, options.Balance);
    }

    /// <summary>The model.</summary>
    public Graph Graph { get; }

    /// <summary>How it trains.</summary>
    public TrainerOptions Options { get; }

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>What is trained, by name.</summary>
    public IReadOnlyList<Parameter> Trained => _trained;

    /// <summary>What is learnt.</summary>
    public Objective Objective { get; set; } = Objective.NextToken;

    /// <summary>Called for each parameter after it moved, to bring it back to where it may be.</summary>
    public Action<Parameter>? Project { get; set; }

    /// <summary>Bytes of gradients, optimiser memory and activations at their highest so far.</summary>
    public long Bytes => _memory.Sum(memory => memory.Length) + _trained.Sum(parameter => parameter.ExtraBytes) + _tape.Scratch.HighWater;

    /// <summary>Takes a step.</summary>
    /// <param name="batches">Batches whose rows are one step's.</param>
    /// <returns>The mean loss, and how steep it was.</returns>
    /// <exception cref="InvalidDataException">The loss is no number; nothing has moved, and the message says which batch.</exception>
    public TrainingStep Step(IReadOnlyList<Batch> batches)
    {
        batches = [.. batches.Select((batch, i) => Objective.Prepare(_tape, Graph, batch, (Steps * batches.Count) + i))];
        foreach (Parameter parameter in _trained)
            parameter.Gradient.Values.Clear();
        double loss = 0;
        int counted = batches.Sum(batch => batch.Counted), right = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            float share = (float)batches[i].Counted / counted;
            Loss part = Run(batches[i], share);
            loss += part.Mean * share;
            right += part.Right;
            if (!double.IsFinite(part.Mean))
            {
                throw new InvalidDataException(
                    $"The loss of batch {i + 1} of {batches.Count} in step {Steps + 1} is {part.Mean}. The model is as it was after step {Steps}; lower the rate, or look at the batch's texts.");
            }
        }

        double norm = Math.Sqrt(_trained.Sum(parameter => (double)TensorPrimitives.SumOfSquares<float>(parameter.Gradient.Values)));
        if (!double.IsFinite(norm))
            throw new InvalidDataException($"The gradient in step {Steps + 1} is no number. The model is as it was after step {Steps}; lower the rate.");
        Steps++;
        float rate = Options.Optimiser.Rate * Options.Schedule.At(Steps, Options.Steps);
        Move(rate, Options.Clip > 0 && norm > Options.Clip ? (float)(Options.Clip / norm) : 1);
        return new TrainingStep(Steps, loss, (double)right / counted, norm, rate, counted) { Sparsity = Graph.Sparse?.Turn() };
    }

    /// <summary>The mean loss of batches' next tokens, without learning from them.</summary>
    public Loss Evaluate(IEnumerable<Batch> batches)
    {
        double sum = 0;
        int right = 0, counted = 0;
        (_tape.Pulls, _tape.Learns) = (false, false);
        foreach (Batch batch in batches)
        {
            Loss loss = Forward(Objective.NextToken, batch, 1);
            sum += loss.Mean * loss.Counted;
            (right, counted) = (right + loss.Right, counted + loss.Counted);
        }

        return new Loss(counted == 0 ? double.NaN : sum / counted, 0, right, counted);
    }

    /// <summary>All that a training goes on from: steps, parameters and what the optimiser remembers.</summary>
    /// <returns>Named numbers, to be read or written.</returns>
    public IEnumerable<(string Name, Func<Span<float>> Numbers)> State()
    {
        for (int i = 0; i < _trained.Length; i++)
        {
            (Parameter parameter, Allocation memory) = (_trained[i], _memory[i]);
            yield return (parameter.Name, () => parameter.Values);
            if (_optimiser.Slots > 0)
                yield return ($"optimiser.{parameter.Name}", () => memory.Floats[..(parameter.Length * _optimiser.Slots)]);
        }

        if (Graph.Sparse is { } sparse)
            yield return ("sparse.weight", () => sparse.Weight);
    }

    /// <summary>Goes on from a number of steps.</summary>
    public void Resume(int steps) => Steps = steps;

    /// <summary>Frees its memory; the model stays.</summary>
    public void Dispose()
    {
        (_optimiser as IDisposable)?.Dispose();
        foreach (Allocation memory in _memory)
            memory.Dispose();
        _tape.Dispose();
        _team.Dispose();
    }

    private Loss Run(Batch batch, float share)
    {
        (_tape.Pulls, _tape.Learns) = (true, true);
        Graph.Sparse?.Share = share;
        Loss loss = Forward(Objective, batch, share);
        _tape.Pull();
        return loss;
    }

    private Loss Forward(Objective objective, Batch batch, float share)
    {
        _tape.Clear();
        _tape.Batch = batch;
        return objective.Of(_tape, Graph, share);
    }

    private void Move(float rate, float shrink)
    {
        for (int i = 0; i < _trained.Length; i++)
        {
            Parameter parameter = _trained[i];
            Span<float> gradient = parameter.Gradient.Values;
            if (shrink != 1)
                TensorPrimitives.Multiply(gradient, shrink, gradient);
            var step = new OptimiserStep(Steps, rate, parameter.Rows > 1 ? Options.Optimiser.Decay : 0, parameter.Rows);
            _optimiser.Move(in step, parameter.Values, gradient, _memory[i].Floats[..(parameter.Length * _optimiser.Slots)]);
            Project?.Invoke(parameter);
        }
    }
}

/// <summary>What a step did.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Loss">Before it, in nats a token.</param>
/// <param name="Accuracy">Share of tokens that were likeliest, before it.</param>
/// <param name="Norm">Of the gradient, before it was clipped.</param>
/// <param name="Rate">Of the optimiser.</param>
/// <param name="Tokens">Tokens learnt from.</param>
public readonly record struct TrainingStep(int Number, double Loss, double Accuracy, double Norm, float Rate, int Tokens)
{
    /// <summary>Share of the gates in feed-forward blocks that were at nothing; null where they are not made sparse.</summary>
    public double? Sparsity { get; init; }
}

/// <summary>How a model is trained.</summary>
public sealed record TrainerOptions
{
    /// <summary>Steps of the whole training, by which the rate goes.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>The optimiser.</summary>
    public OptimiserOptions Optimiser { get; init; } = new();

    /// <summary>How the rate goes.</summary>
    public Schedule Schedule { get; init; } = new();

    /// <summary>The longest gradient; longer ones are shortened to it. 0 for any.</summary>
    public float Clip { get; init; } = 1;

    /// <summary>Whether layers are computed again for the backward run, which takes a third more time and a fraction of the memory.</summary>
    public bool Recompute { get; init; }

    /// <summary>Weight of the loss that keeps the experts of a mixture in use alike; 0 for none.</summary>
    public float Balance { get; init; } = 0.01f;

    /// <summary>Threads; null for one on each physical core.</summary>
    public int? Threads { get; init; }
}
