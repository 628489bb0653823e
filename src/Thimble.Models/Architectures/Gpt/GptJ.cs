using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Attention and a feed-forward block without gate side by side, with layer norms and part of each head turned: GPT-J, GPT-NeoX
/// (two norms, and one after the other if the file says so), Phi 2, Falcon (two norms in the large ones).</summary>
/// <remarks>Source: Wang and Komatsuzaki, "GPT-J-6B", 2021; Black et al., "GPT-NeoX-20B", 2022, section 2.1; Microsoft, "Phi-2", 2023;
/// Almazrouei et al., "The Falcon Series", 2023, section 4.</remarks>
internal static class GptJ
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("phi2", from => Build(from, adjacent: false, parallel: true));
        Architectures.Add("falcon", from => Build(from, adjacent: false, parallel: true));
        Architectures.Add("gptneox", from => Build(from, adjacent: false, from.File.FindFlag("use_parallel_residual") ?? true));
        Architectures.Add("gptj", from => Build(from, adjacent: true, parallel: true));
    }

    private static Decoder Build(Blueprint from, bool adjacent, bool parallel)
    {
        Rope rope = RopeScaling.Read(from, adjacent);
        var attention = new AttentionParts(from) { Rope = _ => rope };
        var feedForward = new FeedForwardParts(from) { Function = _ => Nonlinearity.Gelu };
        return from.Decoder(parallel
            ? new ParallelLayers(from, attention) { FeedForward = feedForward }.At
            : new SequentialLayers(from, attention) { FeedForward = feedForward }.At);
    }
}
