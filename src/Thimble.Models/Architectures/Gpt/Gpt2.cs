using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>GPT-2 and its kin: layer norms, a feed-forward block without gate, positions learned (a table) or as biases that grow with
/// distance.</summary>
/// <remarks>Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3; Zhang et al., "OPT", 2022,
/// section 2.1; BigScience, "BLOOM", 2022, section 3.2; MosaicML, "MPT-7B", 2023; Li et al., "StarCoder", 2023, section 5.1.</remarks>
internal static class Gpt2
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("gpt2", from => Build(from, Nonlinearity.Gelu, bias: 0));
        Architectures.Add("starcoder", from => Build(from, Nonlinearity.Gelu, bias: 0));
        Architectures.Add("opt", from => Build(from, Nonlinearity.Relu, bias: 0));
        Architectures.Add("bloom", from => Build(from, Nonlinearity.Gelu, bias: 8));
        Architectures.Add("mpt", from => Build(from, Nonlinearity.Gelu, from.Setting("attention.max_alibi_bias") ?? 0));
    }

    private static Decoder Build(Blueprint from, Nonlinearity function, float bias)
    {
        Weight? positions = from.FindWeight("position_embd.weight", columns: from.Width);
        if (positions is null && bias == 0)
            throw from.Absent("position_embd.weight");
        var attention = new AttentionParts(from) { Slopes = bias == 0 ? null : AttentionParts.Alibi(from.Count("attention.head_count"), bias) };
        var layers = new SequentialLayers(from, attention) { FeedForward = new(from) { Function = _ => function } };
        return from.Decoder(layers.At, table => new(table, Positions: positions, Norm: from.FindNorm("token_embd_norm")));
    }
}
