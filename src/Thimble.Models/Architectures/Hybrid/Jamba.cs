using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Jamba: layers of Mamba with attention in every eighth, and experts in every other; positions come from Mamba alone.</summary>
/// <remarks>Source: Lieber et al., "Jamba: A Hybrid Transformer-Mamba Language Model", 2024, section 2.</remarks>
internal static class Jamba
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("jamba", from => from.Decoder(new SequentialLayers(from, new(from))
    {
        Instead = new StateSpaceParts(from).At,
        FeedForward = new(from) { Experts = new(from) { Gating = Gating.Softmax, Normalise = false } },
    }.At));
}
