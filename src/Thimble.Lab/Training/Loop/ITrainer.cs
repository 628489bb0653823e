namespace Thimble.Lab.Training;

/// <summary>Takes steps, by gradients or by losses alone.</summary>
internal interface ITrainer : IDisposable
{
    /// <summary>Steps taken.</summary>
    int Steps { get; }

    /// <summary>What is trained, by name.</summary>
    IReadOnlyList<Parameter> Trained { get; }

    /// <summary>Bytes besides the model's at their highest so far.</summary>
    long Bytes { get; }

    /// <summary>Takes a step.</summary>
    /// <param name="batches">Batches whose rows are one step's.</param>
    /// <exception cref="InvalidDataException">The loss is no number; nothing has moved.</exception>
    TrainingStep Step(IReadOnlyList<Batch> batches);

    /// <summary>The mean loss of batches, without learning from them.</summary>
    Loss Evaluate(IEnumerable<Batch> batches);

    /// <summary>All that a training goes on from: named numbers, to be read or written.</summary>
    IEnumerable<(string Name, Func<Span<float>> Numbers)> State();

    /// <summary>Goes on from a number of steps.</summary>
    void Resume(int steps);
}
