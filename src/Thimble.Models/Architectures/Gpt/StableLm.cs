using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>StableLM: layer norms, part of each head turned; models without a second norm run attention and feed-forward side by side.</summary>
/// <remarks>Source: Bellagente et al., "Stable LM 2 1.6B", 2024, section 2.2; Stability AI, Stable LM 2 12B, 2024.</remarks>
internal static class StableLm
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("stablelm", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false);
        var attention = new AttentionParts(from) { Rope = _ => rope };
        return from.Decoder(from.Has("blk.0.ffn_norm.weight") ? new SequentialLayers(from, attention).At : new ParallelLayers(from, attention).At);
    }
}
