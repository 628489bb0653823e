using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Foretells the next token behind the last layer and, with less weight, behind earlier ones, all under one norm and head.</summary>
/// <remarks>Such a model drafts for itself (<c>--draft exit:N</c>). The loss that is told is the last layer's. Source: Elhoushi et al., "LayerSkip", 2024, section 4.1
/// (early-exit loss; layers are not dropped here).</remarks>
/// <param name="weight">Weight of each exit's loss.</param>
internal sealed class EarlyExits(float weight) : Objective
{
    /// <inheritdoc />
    public override Loss Of(Tape tape, Graph graph, float share)
    {
        VocabularyHead head = graph.Head();
        Loss loss = CrossEntropy.Of(tape, graph.Vectors(tape), head, share);
        Norm? norm = graph.Decoder.LastNorm;
        foreach (Value left in graph.Left.ToArray())
            CrossEntropy.Of(tape, norm is null ? left : graph.Normalise(tape, norm, left), head, share * weight);
        return loss;
    }
}
