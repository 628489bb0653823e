using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>Apertus: query and key norms, and a feed-forward function with slopes trained for each layer.</summary>
/// <remarks>Source: Apertus Team, "Apertus", 2025, section 2.1.</remarks>
internal static class Apertus
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("apertus", Build);

    private static Decoder Build(Blueprint from)
    {
        Rope rope = RopeScaling.Read(from, adjacent: false);
        return from.Decoder(new SequentialLayers(from, new(from) { Rope = _ => rope })
        {
            FeedForward = new(from)
            {
                Function = layer => Xielu.Of(
                    Value(from, "xielu.alpha_n", layer), Value(from, "xielu.alpha_p", layer), Value(from, "xielu.beta", layer), Value(from, "xielu.eps", layer)),
            },
        }.At);
    }

    // These keys lack the architecture's name, and are numbers for all layers or arrays.
    private static float Value(Blueprint from, string key, int layer) => from.File.Metadata.TryGet(key, out object? value) && value is MetadataArray array
        ? (float)array.Numbers()[layer]
        : (float)(from.File.Metadata.FindNumber(key) ?? throw from.File.Missing("metadata key", key));
}
