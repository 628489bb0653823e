using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The Llama line: grouped attention, rotary positions, gated feed-forward, a norm before each. Its members differ in what
/// their files hold (biases, query and key norms, fused tensors, experts, a tied head), in the pairs they turn, and in a function.</summary>
/// <remarks>Source: Touvron et al., "Llama 2", 2023, section 2.2; Jiang et al., "Mixtral of Experts", 2024, section 2; Yang et al.,
/// "Qwen3 Technical Report", 2025, section 2. Tensor names are llama.cpp's.</remarks>
internal static class Llama
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["internlm2", "xverse", "chatglm"])
            Architectures.Add(name, from => Build(from, adjacent: true));
        foreach (string name in (string[])["qwen", "qwen2", "exaone", "orion", "phi3", "phimoe"])
            Architectures.Add(name, from => Build(from, adjacent: false));
        Architectures.Add("qwen2vl", from => Build(from, adjacent: false, turns: false));
        Architectures.Add("qwen3vl", from => Build(from, adjacent: false, turns: true));
        Architectures.Add("llama", from => Build(from, adjacent: true, scaled: true));
        Architectures.Add("qwen3", from =>
        {
            Decoder decoder = Build(from, adjacent: false, scaled: true);
            decoder.Pooling = new PoolingParts(from) { Ranked = PoolingKind.Last, Softmax = true }.Read();
            return decoder;
        });
        Architectures.Add("arcee", from => Build(from, adjacent: true, Nonlinearity.ReluSquared));
        Architectures.Add("nemotron", from => Build(from, adjacent: false, Nonlinearity.ReluSquared));
        Architectures.Add("starcoder2", from => Build(from, adjacent: false, Nonlinearity.Gelu));
        Architectures.Add("hunyuan-dense", from => Build(from, adjacent: false, normsLast: true));
        Architectures.Add("seed_oss", from => Build(from, adjacent: false, second: "post_attention_norm"));
    }

    private static Decoder Build(
        Blueprint from, bool adjacent, Nonlinearity? function = null, bool normsLast = false, bool scaled = false, string second = "ffn_norm", bool? turns = null)
    {
        Rope rope = RopeScaling.Read(from, adjacent);
        if (turns is { } interleaved)
            rope = rope with { Axes = RopeScaling.Axes(from, rope.Frequencies.Length, interleaved) };
        var attention = new AttentionParts(from) { Rope = _ => rope, NormsLast = normsLast };
        return from.Decoder(new SequentialLayers(from, attention)
        {
            FeedForward = new(from)
            {
                Function = _ => function ?? from.Activation(Nonlinearity.Silu),
                Scaled = scaled,
                Experts = new(from) { Normalise = true, Scaled = scaled },
            },
            FeedForwardNorm = second,
        }.At);
    }
}
