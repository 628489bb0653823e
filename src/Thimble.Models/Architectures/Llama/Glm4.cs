using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>GLM 4: the Llama line with norms after each block too. Its pairs are neighbours, but halves where the file divides
/// rotations among the axes of a picture.</summary>
/// <remarks>Source: GLM Team, "ChatGLM", 2024, section 2; Zhipu AI, GLM-4-0414, 2025.</remarks>
internal static class Glm4
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("glm4", Build);

    private static Decoder Build(Blueprint from)
    {
        bool axes = from.File.Metadata.FindArray("glm4.rope.dimension_sections")?.Integers().Any(section => section > 0) ?? false;
        Rope rope = RopeScaling.Read(from, adjacent: !axes);
        return from.Decoder(new SequentialLayers(from, new(from) { Rope = _ => rope }) { NormsAfter = true }.At);
    }
}
