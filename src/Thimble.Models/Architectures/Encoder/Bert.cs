using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>BERT and its kin: every token sees all others, and norms stand behind the sums. Positions are learned (BERT), turned
/// (Nomic's, Jina's third) or a bias that grows with distance (Jina's second); feed-forward blocks have gates or experts, or neither.</summary>
/// <remarks>Source: Devlin et al., "BERT", 2019, section 3; Nussbaum et al., "Nomic Embed", 2024, section 3, and "Training Sparse
/// Mixture Of Experts Text Embedding Models", 2025; Günther et al., "Jina Embeddings 2", 2023, section 4; Sturua et al.,
/// "jina-embeddings-v3", 2024, section 4. Every token is of the first type, as in llama.cpp.</remarks>
internal static class Bert
{
    private const float AlibiBias = 8;

    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("bert", from => Build(from, new(from), Nonlinearity.Gelu, from.Weight("position_embd.weight", columns: from.Width)));
        Architectures.Add("jina-bert-v2", from => Build(
            from, new(from) { Slopes = AttentionParts.Alibi(from.Count("attention.head_count"), AlibiBias) }, Nonlinearity.Gelu));
        Architectures.Add("nomic-bert", from => Build(from, Turned(from), Nonlinearity.Silu));
        foreach (string name in (string[])["nomic-bert-moe", "jina-bert-v3"])
            Architectures.Add(name, from => Build(from, Turned(from), Nonlinearity.Gelu));
    }

    private static AttentionParts Turned(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false);
        return new(from) { Rope = _ => rope };
    }

    private static Decoder Build(Blueprint from, AttentionParts attention, Nonlinearity function, Weight? positions = null)
    {
        Weight table = from.Table();
        var embedding = new Embedding(table, Positions: positions, Norm: from.Norm("token_embd_norm"), Types: FirstType(from));
        var feedForward = new FeedForwardParts(from) { Function = _ => function, Experts = new(from) { Gating = Gating.Softmax, Normalise = false } };
        attention = attention with { Causal = from.File.FindFlag("attention.causal") ?? false };
        return new(embedding, from.Each(layer => Layer(from, layer, attention, feedForward)), null, null);
    }

    private static Layer Layer(Blueprint from, int layer, AttentionParts attention, FeedForwardParts feedForward)
    {
        string at = $"blk.{layer}.";
        Step first = new Residual(null, attention.At(layer), Last: from.Norm(at + "attn_output_norm"));
        return new(
            from.FindNorm(at + "attn_norm_2") is { } second ? new Again(first, second) : first,
            new Residual(null, feedForward.At(layer), Last: from.Norm(at + "layer_output_norm")));
    }

    private static float[]? FirstType(Blueprint from)
    {
        if (from.FindWeight("token_types.weight", columns: from.Width) is not { } types)
            return null;
        float[] first = new float[from.Width];
        types.Decode(0, first);
        types.Dispose();
        return first;
    }
}
