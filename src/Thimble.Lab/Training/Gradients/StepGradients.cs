using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>The steps of layers on a tape.</summary>
internal static class StepGradients
{
    [ModuleInitializer]
    internal static void Register()
    {
        Gradients.Add<Residual>(Residual);
        Gradients.Add<Through>(static (graph, tape, step, x) =>
            Gradients.Of(graph, tape, step.Block, step.Before is null ? x : graph.Normalise(tape, step.Before, x)));
        Gradients.Add<ParallelResidual>(Parallel);
        Gradients.Add<Rescale>(static (_, tape, step, x) => Sum.Scaled(tape, x, step.Scale));
    }

    private static Value Residual(Graph graph, Tape tape, Residual step, Value x)
    {
        Value y = Gradients.Of(graph, tape, step.Block, step.Before is null ? x : graph.Normalise(tape, step.Before, x));
        if (step.After is not null)
            y = graph.Normalise(tape, step.After, y);
        Value sum = Sum.Of(tape, x, y, step.Scale);
        return step.Last is null ? sum : graph.Normalise(tape, step.Last, sum);
    }

    private static Value Parallel(Graph graph, Tape tape, ParallelResidual step, Value x)
    {
        Value sum = x;
        foreach ((Norm? before, Block block) in step.Branches)
            sum = Sum.Of(tape, sum, Gradients.Of(graph, tape, block, before is null ? x : graph.Normalise(tape, before, x)));
        return sum;
    }
}
