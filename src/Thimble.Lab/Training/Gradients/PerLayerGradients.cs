using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Per-layer embeddings on a tape.</summary>
internal static class PerLayerGradients
{
    [ModuleInitializer]
    internal static void Register()
    {
        Gradients.Add<PerLayerInputs>(Inputs);
        Gradients.Add<PerLayerEmbedding>(Inject);
    }

    private static Value Inputs(Graph graph, Tape tape, PerLayerInputs inputs, Value x)
    {
        Value projected = Sum.Scaled(tape, graph.MultiplyWhole(tape, inputs.Projection, x), 1 / MathF.Sqrt(x.Columns));
        Value rows = Lookup.Of(tape, graph.Of(inputs.Table), tape.Batch.Tokens);
        return Sum.Scaled(tape, Sum.Of(tape, graph.Normalise(tape, inputs.Norm, projected, inputs.Size), rows, MathF.Sqrt(inputs.Size)), MathF.Sqrt(0.5f));
    }

    private static Value Inject(Graph graph, Tape tape, PerLayerEmbedding block, Value x)
    {
        Value own = Columns.Of(tape, graph.Ahead(block.Inputs), block.Layer * block.Inputs.Size, block.Inputs.Size);
        return graph.MultiplyWhole(tape, block.Projection, Activation.Of(tape, block.Function, graph.MultiplyWhole(tape, block.Gate, x), own));
    }
}
