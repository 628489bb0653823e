using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>EuroBERT and NeoBERT: the Llama line's layers, but every token sees all others, and there is no head.</summary>
/// <remarks>Source: Boizard et al., "EuroBERT", 2025, section 3.1; Le Breton et al., "NeoBERT", 2025, section 3.1.</remarks>
internal static class EuroBert
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("eurobert", from => Build(from, adjacent: false, "output_norm"));
        Architectures.Add("neo-bert", from => Build(from, adjacent: true, "enc.output_norm"));
    }

    private static Decoder Build(Blueprint from, bool adjacent, string last)
    {
        Rope rope = RopeScaling.Read(from, adjacent);
        var attention = new AttentionParts(from) { Rope = _ => rope, Causal = from.File.FindFlag("attention.causal") ?? false };
        return new(new Embedding(from.Table()), from.Each(new SequentialLayers(from, attention).At), from.Norm(last), null);
    }
}
