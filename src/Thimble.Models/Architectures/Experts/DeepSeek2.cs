using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
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
        int heads = from.Count("attention.head_count"), rank = from.Count("attention.kv_lora_rank");
        int size = from.File.FindInt("attention.key_length_mla") is > 0 and var key ? key : from.Count("attention.key_length");
        int valueSize = from.File.FindInt("attention.value_length_mla") is > 0 and var value ? value : from.Count("attention.value_length");
        Rope rope = RopeScaling.Read(from, adjacent: true);
        int turned = 2 * rope.Frequencies.Length;
        var rule = new AttentionRule(RopeScaling.LatentScale(from, rope) / MathF.Sqrt(size));
        AttentionTemperature? temperature = from.Setting("attention.temperature_scale") is { } scale
            ? new(scale, from.Count("attention.temperature_length"))
            : null;
        var feedForward = new FeedForwardParts(from);
        return from.Decoder(layer => Layer(layer, $"blk.{layer}."));

        Layer Layer(int layer, string at) => new(
            new Residual(from.Norm(at + "attn_norm"), Attention(at)), new Residual(from.Norm(at + "ffn_norm"), feedForward.At(layer)));

        Mixer Attention(string at)
        {
            Linear? down = from.FindLinear(at + "attn_q_a", columns: from.Width);
            (Weight[] keyUp, Weight[] valueUp) = LatentHeads.Read(from, at, heads, size - turned, valueSize, rank);
            return new LatentAttention(
                from.Linear(at + (down is null ? "attn_q" : "attn_q_b"), heads * size, down?.Outputs ?? from.Width),
                from.Linear(at + "attn_kv_a_mqa", rank + turned, from.Width), from.Norm(at + "attn_kv_a_norm"), keyUp, valueUp,
                from.Linear(at + "attn_output", from.Width, heads * valueSize, scaled: true), rule, rope)
            {
                QueryLatent = down is null ? null : (down, from.Norm(at + "attn_q_a_norm")),
                Temperature = temperature,
            };
        }
    }
}
