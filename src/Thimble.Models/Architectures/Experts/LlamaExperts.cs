using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Members of the Llama line whose feed-forward blocks are many experts, with or without shared ones. They differ in how
/// shares are made, and in what their files hold.</summary>
/// <remarks>Source: Dai et al., "DeepSeekMoE", 2024, section 3; Muennighoff et al., "OLMoE", 2024, section 2; Yang et al., "Qwen2",
/// 2024, section 2.2, and "Qwen3", 2025, section 2; Zeng et al., "GLM-4.5", 2025, section 2.1; Baidu, "ERNIE 4.5", 2025.</remarks>
internal static class LlamaExperts
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["ernie4_5", "ernie4_5-moe"])
            Architectures.Add(name, from => Build(from, adjacent: true, new(from) { Gating = Gating.Softmax, Normalise = true }, outputBias: false));
        Architectures.Add("deepseek", from => Build(from, adjacent: true, new(from) { Gating = Gating.Softmax, Normalise = false }));
        Architectures.Add("bailingmoe", from => Build(from, adjacent: true, new(from) { Gating = Gating.Softmax }));
        Architectures.Add("qwen2moe", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = false }));
        Architectures.Add("olmoe", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = false }, inputBias: false));
        Architectures.Add("qwen3moe", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = true, Scaled = true }));
        Architectures.Add("qwen3vlmoe", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = true }, axes: true));
        Architectures.Add("hunyuan-moe", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = true }, normsLast: true));
        Architectures.Add("dbrx", from => Build(from, adjacent: false, new(from) { Gating = Gating.Softmax, Normalise = true }, second: "attn_output_norm"));
        Architectures.Add("dots1", from => Build(from, adjacent: false, new(from)));
        Architectures.Add("bailingmoe2", from => Build(from, adjacent: false, new(from)));
        Architectures.Add("glm4moe", from => Build(
            from, adjacent: false, new(from) { Gating = from.Setting("expert_gating_func") is null ? Gating.Sigmoid : null }, second: "post_attention_norm"));
    }

    private static Decoder Build(
        Blueprint from, bool adjacent, ExpertParts experts, bool normsLast = false, bool inputBias = true, bool outputBias = true, string second = "ffn_norm", bool axes = false)
    {
        Rope rope = RopeScaling.Read(from, adjacent);
        if (axes)
            rope = rope with { Axes = RopeScaling.Axes(from, rope.Frequencies.Length, interleaved: true) };
        var attention = new AttentionParts(from) { Rope = _ => rope, NormsLast = normsLast, InputBias = inputBias, InputScale = inputBias, OutputBias = outputBias };
        return from.Decoder(
            new SequentialLayers(from, attention) { FeedForward = new(from) { Experts = experts }, FeedForwardNorm = second }.At);
    }
}
