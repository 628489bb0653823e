using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>LFM2: gated short convolutions, with attention in a few layers; dense or with experts.</summary>
/// <remarks>Source: Liquid AI, "LFM2 Technical Report", 2025, section 2.</remarks>
internal static class Lfm2
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("lfm2", Build);
        Architectures.Add("lfm2moe", Build);
    }

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false, factors: false);
        var attention = new AttentionParts(from) { Rope = _ => rope, Local = LocalLayers.Read(from, period: 0) };
        var layers = new SequentialLayers(from, attention)
        {
            Instead = Convolution,
            FeedForward = new(from) { Experts = new(from) { Normalise = true } },
        };
        return from.Decoder(layers.At, last: from.FindNorm("output_norm") ?? from.Norm("token_embd_norm"));

        Mixer? Convolution(int layer)
        {
            string at = $"blk.{layer}.shortconv.";
            return from.FindLinear(at + "in_proj", 3 * from.Width, from.Width) is not { } input ? null : new GatedConvolution(
                input, StateSpaceParts.Convolution(from, at + "conv", from.Width, from.Count("shortconv.l_cache"), null),
                from.Linear(at + "out_proj", from.Width, from.Width));
        }
    }
}
