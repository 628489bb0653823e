using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Feed-forward blocks on a tape.</summary>
internal static class FeedForwardGradients
{
    [ModuleInitializer]
    internal static void Register()
    {
        Gradients.Add<FeedForward>(Plain);
        Gradients.Add<GatedFeedForward>(Gated);
        Gradients.Add<Linear>(static (graph, tape, block, x) => graph.MultiplyWhole(tape, block, x));
    }

    private static Value Plain(Graph graph, Tape tape, FeedForward block, Value x)
    {
        if (block.Factors is not null)
            throw new NotSupportedException("Feed-forward blocks with factors on their wide features cannot be trained yet.");
        return graph.MultiplyWhole(tape, block.Down, Activation.Of(tape, block.Function, graph.MultiplyWhole(tape, block.Up, x)));
    }

    private static Value Gated(Graph graph, Tape tape, GatedFeedForward block, Value x)
    {
        if (block.Sparsity is not null)
            throw new NotSupportedException("Feed-forward blocks that let only the greatest gates through cannot be trained yet.");
        if (block.Function is ClampedSwiglu)
            throw new NotSupportedException("Feed-forward blocks whose gates are cut off cannot be trained yet.");
        int wide = block.GateUp.Outputs / 2;
        Value[] parts = graph.Multiply(tape, block.GateUp, x, wide, wide);
        if (graph.Sparse is { } sparse)
            parts[0] = Sparing.Of(tape, parts[0], sparse);
        Value hidden = Activation.Of(tape, block.Function, parts[0], parts[1]);
        if (block.Inner is not null)
            hidden = graph.Normalise(tape, block.Inner, hidden);
        return graph.MultiplyWhole(tape, block.Down, hidden);
    }
}
