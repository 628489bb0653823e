using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Granite and MiniCPM: the Llama line with a factor on the embedding, on attention scores, on what layers add, and one
/// by which the head's scores are divided, so that small models tell how to train large ones. Granite 4 has state spaces in most
/// layers, MiniCPM 3 latent attention.</summary>
/// <remarks>Source: IBM, "Granite 3.0", 2024, section 2; Hu et al., "MiniCPM", 2024, appendix A.1, whose factors older files lack.</remarks>
internal static class Granite
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["granite", "granitemoe", "granitehybrid"])
            Architectures.Add(name, from => Build(from, turns: from.File.FindFlag("rope.scaling.finetuned") ?? true, 1, 1, 1, new StateSpaceParts(from).At));
        Architectures.Add("minicpm", from => MiniCpm(from, 256f / from.Width, _ => null));
        Architectures.Add("minicpm3", from => MiniCpm(from, from.Width / 256f, Latent(from).At));
    }

    private static Decoder MiniCpm(Blueprint from, float logits, Func<int, Mixer?> instead) =>
        Build(from, turns: true, 12, 1.4f / MathF.Sqrt(from.Layers), logits, instead);

    private static LatentParts Latent(Blueprint from) => new(
        from, from.Count("attention.key_length"), from.Width / from.Count("attention.head_count"), RopeScaling.Read(from, adjacent: false));

    private static Decoder Build(Blueprint from, bool turns, float embedding, float residual, float logits, Func<int, Mixer?> instead)
    {
        Rope? rope = turns ? RopeScaling.Read(from, adjacent: true) : null;
        var attention = new AttentionParts(from) { Rope = _ => rope };
        var layers = new SequentialLayers(from, attention)
        {
            Instead = instead,
            FeedForward = new(from) { Experts = new(from) { Normalise = true } },
            Scale = from.Setting("residual_scale") ?? residual,
        };
        return from.Decoder(
            layers.At, table => new(table, from.Setting("embedding_scale") ?? embedding),
            output => new(output, 1 / (from.Setting("logit_scale") ?? logits)));
    }
}
