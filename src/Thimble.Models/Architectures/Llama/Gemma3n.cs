using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>Gemma 3n: a stream of four widths of which a layer computes one, per-layer embeddings, a learned way past attention, sparse
/// gates in the first layers, and last layers that meet the keys and values of the last ones that have any.</summary>
/// <remarks>Source: Google, "Gemma 3n", 2025, with the papers named at its blocks. llama.cpp runs any file with keys and values of its own
/// in 20 layers and sparse gates in 10; a file that says otherwise is believed here, and one that says nothing is run so.</remarks>
internal static class Gemma3n
{
    private const int OwnKeys = 20, SparseLayers = 10;
    private const float SparseMultiple = 1.6448533535003662f;   // lets a twentieth through

    [ModuleInitializer]
    internal static void Register() => Architectures.Add("gemma3n", Build);

    private static Decoder Build(Blueprint from)
    {
        int parts = from.File.FindInt("altup.num_inputs") ?? 4, active = from.File.FindInt("altup.active_idx") ?? 0;
        if (parts < 2)
            throw from.Wrong("altup.num_inputs", parts, "at least 2");
        if ((uint)active >= (uint)parts)
            throw from.Wrong("altup.active_idx", active, $"0 to {parts - 1}");

        Weight table = from.Table();
        PerLayerInputs inputs = Inputs(from, table);
        Func<int, GroupedAttention> attention = Attention(from);
        float[]? multiples = Multiples(from);
        Linear[] unembed = Others("altup_unembd_proj.weight");
        IReadOnlyList<Layer> layers = from.Each(i => new(AltUp(i, $"blk.{i}.")));
        layers =
        [
            .. layers.Select((layer, i) => new Layer([
                .. i == 0 ? (Step[])[new AltUpSpread(Others("altup_proj.weight"))] : [], .. layer.Steps,
                .. i == layers.Count - 1 ? (Step[])[new AltUpMerge(unembed, active)] : []])),
        ];
        return new(
            new Embedding(table, MathF.Sqrt(from.Width)), layers, from.Norm("output_norm"),
            new Head(from.HeadOver(table), SoftCap: from.Setting("final_logit_softcapping") ?? 30), inputs);

        Linear[] Others(string name) =>
            [.. (from.FindWeights(name, parts - 1, from.Width, from.Width) ?? throw from.Absent(name)).Select(weight => new Linear(weight))];

        AltUp AltUp(int i, string at) => new(
            new(from.Norm(at + "altup_router_norm"), from.Linear(at + "altup_router", parts, from.Width)),
            from.Linear(at + "altup_predict_coef", parts * parts, parts), from.Linear(at + "altup_correct_coef", parts, parts), active,
            new Laurel(
                from.Norm(at + "attn_norm"), attention(i), from.Norm(at + "post_attention_norm"),
                from.Linear(at + "laurel_l", columns: from.Width), from.Linear(at + "laurel_r", from.Width), from.Norm(at + "laurel_post_norm")),
            new Residual(from.Norm(at + "ffn_norm"), FeedForward(from, i, multiples), from.Norm(at + "post_ffw_norm")))
        {
            Injection = new PerLayerEmbedding(
                inputs, i, from.Linear(at + "inp_gate", inputs.Size, from.Width), from.Linear(at + "proj", from.Width, inputs.Size), Nonlinearity.Gelu),
            InjectionScale = from.Vector(at + "altup_correct_scale.weight", from.Width),
            InjectionNorm = from.Norm(at + "post_norm"),
        };
    }

    private static PerLayerInputs Inputs(Blueprint from, Weight table)
    {
        int size = from.File.FindInt("embedding_length_per_layer_input") ?? 256;
        return new(
            from.Linear("per_layer_model_proj", from.Layers * size, from.Width), from.Norm("per_layer_proj_norm"),
            from.Weight("per_layer_token_embd.weight", table.Rows, from.Layers * size), size);
    }

    /// <summary>A layer without own keys meets those of the last layer of its kind that has them.</summary>
    private static Func<int, GroupedAttention> Attention(Blueprint from)
    {
        var local = LocalLayers.Read(from, period: 5);
        Rope far = RopeScaling.Read(from, adjacent: false), near = RopeScaling.ReadLocal(from, adjacent: false, scaled: false, 10_000);
        int own = from.Setting("attention.shared_kv_layers") is { } shared ? from.Layers - (int)shared : Math.Min(from.Layers, OwnKeys);
        if (own < 1 || own > from.Layers)
            throw from.Wrong("attention.shared_kv_layers", from.Layers - own, $"0 to {from.Layers - 1}");

        var lenders = new Dictionary<bool, GroupedAttention>();
        var parts = new AttentionParts(from)
        {
            Local = local,
            Rope = layer => Near(layer) ? near : far,
            Scale = 1,
            ValueNorm = new(null, from.Epsilon),
            Lender = layer => layer < own ? null : lenders.GetValueOrDefault(Near(layer))
                ?? throw from.Wrong("attention.shared_kv_layers", from.Layers - own, $"fewer, for layer {layer} has none before it to share with"),
        };
        return layer =>
        {
            GroupedAttention attention = parts.At(layer);
            if (layer < own)
                lenders[Near(layer)] = attention;
            return attention;
        };

        bool Near(int layer) => local?.Covers(layer) == true;
    }

    private static Block FeedForward(Blueprint from, int layer, float[]? multiples)
    {
        float multiple = multiples is not null ? multiples[layer] : layer < SparseLayers ? SparseMultiple : float.NegativeInfinity;
        Block block = FeedForwardParts.Dense(from, $"blk.{layer}.", Nonlinearity.Gelu);
        return !float.IsFinite(multiple) ? block
            : block is GatedFeedForward gated ? gated with { Sparsity = new(multiple) }
            : throw from.Absent($"blk.{layer}.ffn_gate.weight");
    }

    /// <summary>How many deviations above the mean gates of each layer are let through, −∞ for all, where the file says.</summary>
    private static float[]? Multiples(Blueprint from)
    {
        const string key = "activation_sparsity_scale";
        if (!from.File.Metadata.TryGet($"{from.File.Architecture}.{key}", out object? value) || value is not MetadataArray array)
            return null;
        float[] multiples = [.. array.Numbers().Select(number => (float)number)];
        return multiples.Length >= from.Layers ? multiples : throw from.Wrong(key, $"an array of {multiples.Length}", $"{from.Layers} elements");
    }
}
