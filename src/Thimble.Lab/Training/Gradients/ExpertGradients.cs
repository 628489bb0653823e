using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Mixtures of experts on a tape.</summary>
internal static class ExpertGradients
{
    [ModuleInitializer]
    internal static void Register() => Gradients.Add<MixtureOfExperts>(Apply);

    private static Value Apply(Graph graph, Tape tape, MixtureOfExperts block, Value x)
    {
        int used = block.Router.Used;
        (Value shares, int[] chosen) = Routing.Of(tape, block.Router, graph.MultiplyWhole(tape, block.Router.Scores, x), graph.Balance);
        List<(Value Outcome, int[] Picks)> parts = [];
        for (int expert = 0; expert < block.Experts.Length; expert++)
        {
            int[] picks = [.. chosen.Index().Where(choice => choice.Item == expert).Select(choice => choice.Index)];
            if (picks.Length > 0)
                parts.Add((Gradients.Of(graph, tape, block.Experts[expert], Picking.Of(tape, x, block.SharesInput ? shares : null, picks, used)), picks));
        }

        Value y = Gathering.Of(tape, [.. parts], block.SharesInput ? null : shares, used, x.Rows);
        if (block.Shared is null)
            return y;
        Value shared = Gradients.Of(graph, tape, block.Shared, x);
        if (block.SharedGate is not null)
            shared = Product.Of(tape, shared, Activation.Of(tape, Nonlinearity.Sigmoid, graph.MultiplyWhole(tape, block.SharedGate, x)));
        return Sum.Of(tape, y, shared);
    }
}
