using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Qwen3-Next and Qwen3.5: three layers of gated delta nets for each of attention, which is gated too; dense or with many
/// small experts.</summary>
/// <remarks>Source: Qwen Team, "Qwen3-Next", 2025; Yang et al., "Gated Delta Networks", 2025, section 3; the forms are Hugging Face's
/// <c>qwen3_next</c> and <c>qwen3_5</c>.</remarks>
internal static class Qwen3Next
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["qwen3next", "qwen35", "qwen35moe"])
            Architectures.Add(name, Build);
    }

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false, factors: false);
        var attention = new AttentionParts(from) { Rope = _ => rope, Gated = true, InputBias = false };
        return from.Decoder(new SequentialLayers(from, attention)
        {
            Instead = layer => Delta(from, $"blk.{layer}."),
            FeedForwardNorm = "post_attention_norm",
            FeedForward = new(from) { Experts = new(from) { Gating = Gating.Softmax, Normalise = true, Scaled = true } },
        }.At);
    }

    private static DeltaNet? Delta(Blueprint from, string at)
    {
        if (!from.Has(at + "ssm_out.weight"))
            return null;
        int size = from.Count("ssm.state_size"), heads = from.Count("ssm.time_step_rank"), keyHeads = from.Count("ssm.group_count");
        if (heads % keyHeads != 0)
            throw from.Wrong("ssm.group_count", keyHeads, $"a divisor of {heads}, the heads");
        if (from.Count("ssm.inner_size") != heads * size)
            throw from.Wrong("ssm.inner_size", from.Count("ssm.inner_size"), $"{heads * size}, {heads} heads of {size}");

        int values = heads * size, mixed = (2 * keyHeads * size) + values;
        Linear? rates = from.FindLinear(at + "ssm_ba", 2 * heads, from.Width);
        return new(
            Linear.Stack(
                from.Has(at + "attn_qkv.weight") ? Plain(from, at, mixed, values, scaled: rates is null) : Interleaved(from, at, heads, keyHeads, size),
                rates ?? Linear.Stack(from.Linear(at + "ssm_beta", heads, from.Width, true), from.Linear(at + "ssm_alpha", heads, from.Width, true))),
            StateSpaceParts.Convolution(from, at + "ssm_conv1d", mixed, from.Count("ssm.conv_kernel"), Nonlinearity.Silu),
            new(heads, keyHeads, size, size) { Removes = true, Alternating = rates is null },
            new(from.Vector(at + "ssm_norm.weight", size), from.Epsilon), from.Linear(at + "ssm_out", from.Width, values, scaled: rates is null))
        {
            Fading = (from.Vector(at + "ssm_dt.bias", heads), from.Vector(at + "ssm_a", heads)),
            Gated = true,
            Together = rates is null ? heads : heads / keyHeads,
            Least = from.Epsilon,
        };
    }

    /// <summary>Queries, keys and values, then gates.</summary>
    private static Linear Plain(Blueprint from, string at, int mixed, int values, bool scaled) => Linear.Stack(
        from.Linear(at + "attn_qkv", mixed, from.Width, scaled), from.Linear(at + "attn_gate", values, from.Width, scaled));

    /// <summary>The same from the first files, where each key head's query, key, values and gates are neighbours.</summary>
    private static Linear Interleaved(Blueprint from, string at, int heads, int keyHeads, int size)
    {
        int shared = heads / keyHeads, each = 2 + (2 * shared);
        Weight[] parts = from.FindWeights(at + "ssm_in.weight", keyHeads * each, size, from.Width) ?? throw from.Absent(at + "attn_qkv.weight");
        return new([.. Of(0, 1), .. Of(1, 1), .. Of(2, shared), .. Of(2 + shared, shared)]);

        IEnumerable<Weight> Of(int first, int count) =>
            Enumerable.Range(0, keyHeads).SelectMany(head => parts.AsSpan((head * each) + first, count).ToArray());
    }
}
