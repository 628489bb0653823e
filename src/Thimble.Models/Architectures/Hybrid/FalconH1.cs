using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Falcon-H1: attention and Mamba 2 side by side in every layer, then feed-forward. Its many factors are in the file's weights.</summary>
/// <remarks>Source: Zuo et al., "Falcon-H1: A Family of Hybrid-Head Language Models", 2025, section 2.</remarks>
internal static class FalconH1
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("falcon-h1", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false, factors: false);
        var attention = new AttentionParts(from) { Rope = _ => rope, OutputBias = false };
        var spaces = new StateSpaceParts(from);
        var feedForward = new FeedForwardParts(from);
        return from.Decoder(Layer);

        Layer Layer(int layer)
        {
            string at = $"blk.{layer}.";
            Norm norm = from.Norm(at + "attn_norm");
            Mixer space = spaces.At(layer) ?? throw from.Absent(at + "ssm_in.weight");
            return new(
                new ParallelResidual(new Branch(norm, attention.At(layer)), new Branch(norm, space)),
                new Residual(FeedForwardNorm(at), feedForward.At(layer)));
        }

        // Files have held this norm without the usual ending.
        Norm FeedForwardNorm(string at) => from.FindVector(at + "ffn_norm", from.Width) is { } gain
            ? new(gain, from.Epsilon)
            : from.Norm(at + "ffn_norm");
    }
}
