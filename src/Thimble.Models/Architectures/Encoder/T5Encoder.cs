using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The encoder of T5: every token sees all others, and how far they are apart adds to a score.</summary>
/// <remarks>Source: Raffel et al., "Exploring the Limits of Transfer Learning", 2020, section 2.1.</remarks>
internal static class T5Encoder
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("t5encoder", from =>
    {
        var layers = new T5Layers(from, "enc.", Causal: false);
        return new(
            new Embedding(from.Table()), [.. Enumerable.Range(0, from.Layers).Select(layer => new Layer(layers.Attention(layer), layers.FeedForward(layer)))],
            from.Norm("enc.output_norm"), null);
    });
}

/// <summary>The parts of T5's layers, in its encoder or its decoder.</summary>
/// <param name="From">The file.</param>
/// <param name="Side">What tensors' names begin with.</param>
/// <param name="Causal">Whether a token sees no later ones.</param>
internal sealed record T5Layers(Blueprint From, string Side, bool Causal)
{
    private const int Reach = 128;   // tokens, beyond which distances are alike

    /// <summary>A layer's attention.</summary>
    public Step Attention(int layer)
    {
        string at = $"{Side}blk.{layer}.";
        var counts = new HeadCounts(From);
        int heads = counts.Heads(layer);
        var keys = new HeadShape(counts.KeyHeads(layer), counts.KeySize, counts.ValueSize);
        var qkv = Linear.Stack(
            From.Linear(at + "attn_q", heads * keys.KeySize, From.Width),
            From.Linear(at + "attn_k", keys.Heads * keys.KeySize, From.Width),
            From.Linear(at + "attn_v", keys.Heads * keys.ValueSize, From.Width));
        // The first layer's biases stand for those of layers that have none.
        string biases = From.Has(at + "attn_rel_b.weight") ? at : $"{Side}blk.0.";
        var rule = new AttentionRule(1, Causal) { Distances = Distances(biases + "attn_rel_b.weight", heads) };
        return new Residual(
            From.Norm(at + "attn_norm"),
            new GroupedAttention(qkv, From.Linear(at + "attn_o", From.Width, heads * keys.ValueSize), heads, keys, rule));
    }

    /// <summary>A layer's feed-forward block.</summary>
    public Step FeedForward(int layer)
    {
        string at = $"{Side}blk.{layer}.";
        Nonlinearity function = From.Has(at + "ffn_gate.weight") ? Nonlinearity.Gelu : Nonlinearity.Relu;
        return new Residual(From.Norm(at + "ffn_norm"), FeedForwardParts.Dense(From, at, function));
    }

    /// <summary>Half of the buckets count single tokens, the others stretches whose lengths grow by equal ratios up to the reach.</summary>
    private DistanceBias Distances(string name, int heads)
    {
        int buckets = From.Count("attention.relative_buckets_count");
        float[] table = From.Vector(name, heads * buckets);   // [buckets, heads]
        float[] values = new float[heads * ((2 * Reach) + 1)];
        for (int i = 0; i < values.Length; i++)
        {
            int distance = (i % ((2 * Reach) + 1)) - Reach;
            values[i] = table[(Bucket(distance, buckets) * heads) + (i / ((2 * Reach) + 1))];
        }

        return new(values, Reach);
    }

    private int Bucket(int distance, int buckets)
    {
        int first = !Causal && distance > 0 ? buckets / 2 : 0, own = Causal ? buckets : buckets / 2, single = own / 2;
        int apart = Causal ? Math.Max(0, -distance) : Math.Abs(distance);
        if (apart < single)
            return first + apart;
        double stretch = MathF.Log((float)apart / single) * (own - single) / Math.Log((double)Reach / single);
        return first + Math.Min(own - 1, (int)MathF.Floor((float)(single + stretch)));
    }
}
