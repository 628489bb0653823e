using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Mistral 3 and Ministral: the Llama line, with queries that grow with their position.</summary>
/// <remarks>Source: Mistral AI, "Ministral 3", 2025, section 2.</remarks>
internal static class Mistral3
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("mistral3", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: true);
        AttentionTemperature? temperature = from.Setting("attention.temperature_scale") is { } scale
            ? new(scale, from.Count("rope.scaling.original_context_length"))
            : null;
        var attention = new AttentionParts(from) { Rope = _ => rope, Temperature = _ => temperature };
        return from.Decoder(new SequentialLayers(from, attention) { FeedForward = new(from) { Scaled = true, Experts = new(from) { Normalise = true, Scaled = true } } }.At);
    }
}
