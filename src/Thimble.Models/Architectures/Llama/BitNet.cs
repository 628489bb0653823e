using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>BitNet: ternary matrices with a factor each, and norms before the last matrix of every block.</summary>
/// <remarks>Source: Ma et al., "The Era of 1-bit LLMs", 2024, section 2; "BitNet b1.58 2B4T", 2025, section 2, whose function is squared ReLU.</remarks>
internal static class BitNet
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("bitnet", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false);
        Nonlinearity function = from.File.FindText("hidden_activation") == "relu2" ? Nonlinearity.ReluSquared : Nonlinearity.Silu;
        return from.Decoder(new SequentialLayers(from, new(from) { Rope = _ => rope }) { FeedForward = new(from) { Function = _ => function, Scaled = true } }.At);
    }
}
