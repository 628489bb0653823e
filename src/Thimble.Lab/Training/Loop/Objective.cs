namespace Thimble.Lab.Training;

/// <summary>What a step learns.</summary>
internal abstract class Objective
{
    /// <summary>To foretell the next token.</summary>
    public static Objective NextToken { get; } = new Foretelling();

    /// <summary>The batch that is learnt from in a batch's place.</summary>
    /// <param name="tape">Lends room; nothing on it is kept.</param>
    /// <param name="graph">The model as it is.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="step">The number of steps taken, which names what is drawn.</param>
    public virtual Batch Prepare(Tape tape, Graph graph, Batch batch, int step) => batch;

    /// <summary>The loss of the tape's batch, remembered on the tape.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="graph">The model.</param>
    /// <param name="share">Factor on gradients.</param>
    public abstract Loss Of(Tape tape, Graph graph, float share);

    private sealed class Foretelling : Objective
    {
        public override Loss Of(Tape tape, Graph graph, float share) => CrossEntropy.Of(tape, graph.Vectors(tape), graph.Head(), share);
    }
}
