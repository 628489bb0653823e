using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>OLMo: norms without gains. OLMo 2 and EXAONE 4 normalise what blocks give instead of what they take; where some layers
/// are local, OLMo 3's turn all but stretch only the others, EXAONE's turn only the local ones.</summary>
/// <remarks>Source: Groeneveld et al., "OLMo", 2024, section 2.1; OLMo Team, "2 OLMo 2 Furious", 2025, section 2; LG AI Research,
/// "EXAONE 4.0", 2025, section 2.</remarks>
internal static class Olmo
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("olmo", Build);
        Architectures.Add("olmo2", from =>
        {
            Rope rope = RopeScaling.Read(from, adjacent: false), near = RopeScaling.ReadLocal(from, adjacent: false, scaled: false);
            var local = LocalLayers.Read(from, period: 4);
            return BuildNormsAfter(from, local, layer => local?.Covers(layer) == true ? near : rope, inputBias: false);
        });
        Architectures.Add("exaone4", from =>
        {
            Rope rope = RopeScaling.Read(from, adjacent: false);
            LocalLayers? local = from.Layers == 64 ? LocalLayers.Read(from, period: 4, window: 4096) : null;   // the small model has a window and does not use it
            return BuildNormsAfter(from, local, layer => local?.Covers(layer) == false ? null : rope, inputBias: true);
        });
    }

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: true);
        var plain = new Norm(null, from.Epsilon, from.Centred);
        return from.Decoder(new SequentialLayers(from, new(from) { Rope = _ => rope }) { Plain = plain }.At, last: plain);
    }

    private static Decoder BuildNormsAfter(Blueprint from, LocalLayers? local, Func<int, Rope?> rope, bool inputBias) => from.Decoder(
        new SequentialLayers(from, new(from) { Rope = rope, Local = local, InputBias = inputBias }) { NormsBefore = false, NormsAfter = true }.At);
}
