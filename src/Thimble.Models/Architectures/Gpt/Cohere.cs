using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Command R: attention and feed-forward side by side, of one norm. In the second version three of four layers are local and turn; the
/// fourth sees all, without positions.</summary>
/// <remarks>Source: Cohere, "Command R", 2024; "Command A", 2025, section 2.1.</remarks>
internal static class Cohere
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("command-r", from => Build(from, null));
        Architectures.Add("cohere2", from => Build(from, LocalLayers.Read(from, period: 4)));
    }

    private static Decoder Build(Blueprint from, LocalLayers? local)
    {
        Rope rope = RopeScaling.Read(from, adjacent: true);
        var attention = new AttentionParts(from) { Local = local, Rope = layer => local?.Covers(layer) == false ? null : rope };
        var layers = new ParallelLayers(from, attention) { FeedForward = new(from) { Scaled = local is not null } };
        return from.Decoder(layers.At, head: output => new(output, from.Setting("logit_scale") ?? 1));
    }
}
