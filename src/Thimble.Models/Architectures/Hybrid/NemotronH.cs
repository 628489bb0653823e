using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Nemotron-H and Nemotron 3: every layer is one thing, a state space, attention without positions, or feed-forward with
/// squared ReLU, or experts.</summary>
/// <remarks>Source: NVIDIA, "Nemotron-H: A Family of Accurate and Efficient Hybrid Mamba-Transformer Models", 2025, section 2; and
/// "Nemotron 3 Nano", 2025, section 2.</remarks>
internal static class NemotronH
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("nemotron_h", Build);
        Architectures.Add("nemotron_h_moe", Build);
    }

    private static Decoder Build(Blueprint from)
    {
        var spaces = new StateSpaceParts(from);
        var attention = new AttentionParts(from);
        var feedForward = new FeedForwardParts(from)
        {
            Function = _ => Nonlinearity.ReluSquared,
            Scaled = true,
            Experts = new(from) { Gating = Gating.Sigmoid, Scaled = true },
        };
        return from.Decoder(layer => new(new Residual(from.Norm($"blk.{layer}.attn_norm"), Block(layer))));

        Block Block(int layer) => spaces.At(layer)
            ?? (from.Has($"blk.{layer}.attn_output.weight") ? (Block)attention.At(layer) : feedForward.At(layer));
    }
}
