using System.Runtime.CompilerServices;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>DeepSeek 2 and 3: latent attention, many small experts, some shared.</summary>
/// <remarks>Source: DeepSeek-AI, "DeepSeek-V2", 2024, section 2, and "DeepSeek-V3", 2024, section 2.1. Older files hold K and V in
/// one matrix, as it was trained; it is taken apart.</remarks>
internal static class DeepSeek2
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("deepseek2", Build);

    private static Decoder Build(Blueprint from)
    {
        int size = from.File.FindInt("attention.key_length_mla") is > 0 and var key ? key : from.Count("attention.key_length");
        int valueSize = from.File.FindInt("attention.value_length_mla") is > 0 and var value ? value : from.Count("attention.value_length");
        Rope rope = RopeScaling.Read(from, adjacent: true);
        var attention = new LatentParts(from, size, valueSize, rope)
        {
            Scale = RopeScaling.LatentScale(from, rope),
            Temperature = from.Setting("attention.temperature_scale") is { } scale ? new(scale, from.Count("attention.temperature_length")) : null,
        };
        var feedForward = new FeedForwardParts(from);
        return from.Decoder(layer => Layer(layer, $"blk.{layer}."));

        Layer Layer(int layer, string at) => new(
            new Residual(from.Norm(at + "attn_norm"), attention.At(layer)), new Residual(from.Norm(at + "ffn_norm"), feedForward.At(layer)));
    }
}
