using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Granite and MiniCPM: the Llama line with a factor on the embedding, on attention scores, on what layers add, and one
/// by which the head's scores are divided, so that small models tell how to train large ones. Granite 4 has state spaces in most layers.</summary>
/// <remarks>Source: IBM, "Granite 3.0", 2024, section 2; Hu et al., "MiniCPM", 2024, appendix A.1, whose factors older files lack.</remarks>
internal static class Granite
{
    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string name in (string[])["granite", "granitemoe", "granitehybrid"])
            Architectures.Add(name, from => Build(from, turns: from.File.FindFlag("rope.scaling.finetuned") ?? true, 1, 1, 1));
        Architectures.Add("minicpm", from => Build(from, turns: true, 12, 1.4f / MathF.Sqrt(from.Layers), 256f / from.Width));
    }

    private static Decoder Build(Blueprint from, bool turns, float embedding, float residual, float logits)
    {
        Rope? rope = turns ? RopeScaling.Read(from, adjacent: true) : null;
        var attention = new AttentionParts(from) { Rope = _ => rope };
        var layers = new SequentialLayers(from, attention)
        {
            Recurrent = new StateSpaceParts(from).At,
            FeedForward = new(from) { Experts = new(from) { Normalise = true } },
            Scale = from.Setting("residual_scale") ?? residual,
        };
        return from.Decoder(
            layers.At, table => new(table, from.Setting("embedding_scale") ?? embedding),
            output => new(output, 1 / (from.Setting("logit_scale") ?? logits)));
    }
}
