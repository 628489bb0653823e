using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Llama 4: three of four layers turn and see chunks of 8192 tokens; the fourth sees all, without positions, with queries
/// that grow. Shares multiply the experts' inputs.</summary>
/// <remarks>Source: Meta, "The Llama 4 herd", 2025. A file whose window is 0 turns in all layers but the last, as llama.cpp does.</remarks>
internal static class Llama4
{
    private const int Chunk = 8192;

    [ModuleInitializer]
    internal static void Register() => Architectures.Add("llama4", Build);

    private static Decoder Build(Blueprint from)
    {
        bool chunked = from.File.FindInt("attention.sliding_window") is not 0;
        LocalLayers? local = chunked ? LocalLayers.Read(from, period: 4, Chunk)! with { Window = Chunk, Chunked = true } : null;
        Rope rope = chunked ? RopeScaling.ReadLocal(from, adjacent: true, scaled: true) : RopeScaling.Read(from, adjacent: true);
        int blind = chunked ? 4 : from.Layers;
        var temperature = new AttentionTemperature(0.1f, Chunk, Offset: 1);
        Norm? norm = from.Count("expert_count") == 128 ? null : new Norm(null, from.Epsilon);   // the largest has none
        var attention = new AttentionParts(from)
        {
            Local = local,
            Rope = layer => layer % blind < blind - 1 ? rope : null,
            HeadNorm = layer => layer % blind < blind - 1 ? norm : null,
            NormsLast = true,
            Temperature = layer => chunked && layer % blind == blind - 1 ? temperature : null,
        };
        var experts = new ExpertParts(from) { Gating = Gating.Sigmoid, Normalise = false, SharesInput = true };
        return from.Decoder(new SequentialLayers(from, attention) { FeedForward = new(from) { Experts = experts } }.At);
    }
}
