using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>gpt-oss: experts with biases and a cut gate, attention with sinks, every other layer local.</summary>
/// <remarks>Source: OpenAI, "gpt-oss-120b and gpt-oss-20b model card", 2025, section 2.</remarks>
internal static class GptOss
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("gpt-oss", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope far = RopeScaling.Read(from, adjacent: false), near = RopeScaling.ReadLocal(from, adjacent: false, scaled: true);
        var local = LocalLayers.Read(from, period: 2);
        var attention = new AttentionParts(from) { Local = local, Rope = layer => local?.Covers(layer) == true ? near : far };
        var function = new ClampedSwiglu();
        return from.Decoder(new SequentialLayers(from, attention)
        {
            FeedForward = new(from) { Function = _ => function, Experts = new(from) { Gating = Gating.SoftmaxOfChosen, Normalise = false } },
            FeedForwardNorm = "post_attention_norm",
        }.At);
    }
}
