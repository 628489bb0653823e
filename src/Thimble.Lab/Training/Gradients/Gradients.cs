namespace Thimble.Lab.Training;

/// <summary>How the blocks and steps that inference runs are put on a tape; each kind adds itself.</summary>
internal static class Gradients
{
    private static readonly Dictionary<Type, Func<Graph, Tape, object, Value, Value>> s_known = [];

    /// <summary>Adds a kind of block.</summary>
    /// <param name="apply">Computes the block's outcome from x on the tape.</param>
    public static void Add<TBlock>(Func<Graph, Tape, TBlock, Value, Value> apply)
        where TBlock : class =>
        s_known.Add(typeof(TBlock), (graph, tape, block, x) => apply(graph, tape, (TBlock)block, x));

    /// <summary>Puts a block or step on the tape.</summary>
    /// <exception cref="NotSupportedException">Its kind is not known; the message lists those that are.</exception>
    public static Value Of(Graph graph, Tape tape, object block, Value x) =>
        s_known.TryGetValue(block.GetType(), out Func<Graph, Tape, object, Value, Value>? apply)
            ? apply(graph, tape, block, x)
            : throw new NotSupportedException(
                $"Models with the block {block.GetType().Name} cannot be trained; known: {string.Join(", ", s_known.Keys.Select(type => type.Name).Order(StringComparer.Ordinal))}.");
}
