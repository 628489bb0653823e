using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>SmolLM3: the Llama line, with every fourth layer blind to positions.</summary>
/// <remarks>Source: Bakouch et al., "SmolLM3", 2025; Yang et al., "RoPE to NoPE and Back Again", 2025.</remarks>
internal static class SmolLm3
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("smollm3", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: true);
        var attention = new AttentionParts(from) { Rope = layer => layer % 4 == 3 ? null : rope };
        return from.Decoder(new SequentialLayers(from, attention).At);
    }
}
