using System.Runtime.CompilerServices;
using Thimble.Compute;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Nemotron-Flash: delta nets, Mamba 2, attention and feed-forward in whatever order was found fastest on a device.</summary>
/// <remarks>
/// <para>The tensors of a layer say what it is: with <c>attn_norm</c> it has a mixer (<c>ssm_in</c>: Mamba 2; <c>ssm_beta</c>: a delta
/// net; <c>attn_output</c>: attention), with <c>ffn_norm</c> feed-forward (gated by SiLU, or squared ReLU without a gate), with both one
/// after the other. Sizes are the usual keys, and <c>delta.head_count</c>, <c>delta.key_length</c>, <c>delta.value_length</c>.</para>
/// <para>Meta tokens are control tokens at the end of the vocabulary, and <c>tokenizer.ggml.lead_token_ids</c> lists them: every text
/// begins with them, so their state is computed once and shared like any common beginning.</para>
/// <para>Still to come: the search for an order that is fast on a device, and training. The recurrent form serves prompts too, since
/// the chunked one rounds otherwise, and how a prompt is fed may not show.</para>
/// <para>Source: Fu et al., "Nemotron-Flash: Towards Latency-Optimal Hybrid Small Language Models", 2025, section 3.</para>
/// </remarks>
[Technique("Nemotron-Flash", "Fu et al., Nemotron-Flash: Towards Latency-Optimal Hybrid Small Language Models, 2025, section 3")]
internal static class NemotronFlash
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("nemotron_flash", Build);

    private static Decoder Build(Blueprint from)
    {
        var spaces = new StateSpaceParts(from);
        Rope? rope = from.Setting("rope.freq_base") is null ? null : RopeScaling.Read(from, adjacent: false);
        var attention = new AttentionParts(from) { Rope = _ => rope, Local = LocalLayers.Read(from, period: 0) };
        var feedForward = new FeedForwardParts(from)
        {
            Function = layer => from.Has($"blk.{layer}.ffn_gate.weight") ? Nonlinearity.Silu : Nonlinearity.ReluSquared,
        };
        return from.Decoder(Layer);

        Layer Layer(int layer)
        {
            List<Step> steps = [];
            if (from.FindNorm($"blk.{layer}.attn_norm") is { } mixes)
                steps.Add(new Residual(mixes, spaces.At(layer) ?? Delta(from, $"blk.{layer}.") ?? (Mixer)attention.At(layer)));
            if (from.FindNorm($"blk.{layer}.ffn_norm") is { } feeds)
                steps.Add(new Residual(feeds, feedForward.At(layer)));
            return steps.Count > 0
                ? new([.. steps])
                : throw new InvalidDataException($"Layer {layer} of '{from.File.Path}' has no tensor 'blk.{layer}.attn_norm.weight' and no 'blk.{layer}.ffn_norm.weight'.");
        }
    }

    private static DeltaNet? Delta(Blueprint from, string at)
    {
        if (!from.Has(at + "ssm_beta.weight"))
            return null;
        int heads = from.Count("delta.head_count"), keySize = from.Count("delta.key_length"), valueSize = from.Count("delta.value_length");
        int mixed = heads * ((2 * keySize) + valueSize);
        return new(
            Linear.Stack(from.Linear(at + "attn_qkv", mixed, from.Width), from.Linear(at + "ssm_beta", heads, from.Width)),
            StateSpaceParts.Convolution(from, at + "ssm_conv1d", mixed, from.Count("ssm.conv_kernel"), Nonlinearity.Silu),
            new(heads, heads, keySize, valueSize) { Removes = true },
            new(from.Vector(at + "ssm_norm.weight", valueSize), from.Epsilon), from.Linear(at + "ssm_out", from.Width, heads * valueSize));
    }
}
