using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Gemma: GEGLU, an embedding multiplied with √width. The second has norms after each block too, caps on scores, and every
/// other layer local; the third query and key norms instead of caps, and five of six layers local, with a base of their own.</summary>
/// <remarks>Source: Gemma Team, "Gemma", 2024, section 2; "Gemma 2", 2024, section 2; "Gemma 3", 2025, section 2.</remarks>
internal static class Gemma
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("gemma", from => Build(from, Attention(from, null, null), normsAfter: false, cap: 0));
        Architectures.Add("gemma2", from => Build(
            from,
            Attention(from, LocalLayers.Read(from, period: 2, window: 4096), RopeScaling.ReadLocal(from, adjacent: false, scaled: true)) with
            {
                Scale = ScaleOf(from, widest: 46),
                SoftCap = from.Setting("attn_logit_softcapping") ?? 50,
            },
            normsAfter: true, from.Setting("final_logit_softcapping") ?? 30));
        Architectures.Add("gemma3", from => Build(
            from,
            Attention(from, LocalLayers.Read(from, period: 6), RopeScaling.ReadLocal(from, adjacent: false, scaled: false, 10_000)) with
            {
                Scale = ScaleOf(from, widest: 62),
            },
            normsAfter: true, from.Setting("final_logit_softcapping") ?? 0));
    }

    private static AttentionParts Attention(Blueprint from, LocalLayers? local, Rope? near)
    {
        Rope far = RopeScaling.Read(from, adjacent: false);
        return new(from) { Local = local, Rope = layer => local?.Covers(layer) == true ? near : far };
    }

    private static Decoder Build(Blueprint from, AttentionParts attention, bool normsAfter, float cap) => from.Decoder(
        new SequentialLayers(from, attention) { FeedForward = new(from) { Function = _ => Nonlinearity.Gelu }, NormsAfter = normsAfter }.At,
        table => new(table, MathF.Sqrt(from.Width)),
        output => new(output, SoftCap: cap));

    /// <summary>The models of 27 billion, told by their layers, divide by the width of a head as if heads made up the whole width.</summary>
    private static float ScaleOf(Blueprint from, int widest) =>
        from.Setting("attention.scale")
        ?? (1 / MathF.Sqrt(from.Layers == widest ? from.Width / from.Count("attention.head_count") : new HeadCounts(from).KeySize));
}
