using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Baichuan: the Llama line; the model of 32 layers has rotary positions, that of 40 linear biases instead.</summary>
/// <remarks>Source: Yang et al., "Baichuan 2", 2023, section 2.3. Its files do not say which; llama.cpp goes by the layers too.</remarks>
internal static class Baichuan
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("baichuan", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope? rope = from.Layers == 32 ? RopeScaling.Read(from, adjacent: true) : null;
        var attention = new AttentionParts(from)
        {
            Rope = _ => rope,
            Slopes = from.Layers == 40 ? AttentionParts.Alibi(from.Count("attention.head_count"), 8) : null,
        };
        return from.Decoder(new SequentialLayers(from, attention).At);
    }
}
