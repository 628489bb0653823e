using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Latent attention as files hold it: queries drawn from a short vector of their own where a layer has one.</summary>
/// <param name="From">The file.</param>
/// <param name="Size">Features of a head's key, plain and turned.</param>
/// <param name="ValueSize">Features of a head's value.</param>
/// <param name="Rope">Rotary positions of the turned features.</param>
internal sealed record LatentParts(Blueprint From, int Size, int ValueSize, Rope Rope)
{
    /// <summary>Factor on scores beside <c>1/√size</c>.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Factor on queries by position; null for none.</summary>
    public AttentionTemperature? Temperature { get; init; }

    /// <summary>The attention of a layer.</summary>
    public Mixer At(int layer)
    {
        string at = $"blk.{layer}.";
        int heads = From.Count("attention.head_count"), rank = From.Count("attention.kv_lora_rank"), turned = 2 * Rope.Frequencies.Length;
        Linear? down = From.FindLinear(at + "attn_q_a", columns: From.Width);
        (Weight[] keyUp, Weight[] valueUp) = LatentHeads.Read(From, at, heads, Size - turned, ValueSize, rank);
        return new LatentAttention(
            From.Linear(at + (down is null ? "attn_q" : "attn_q_b"), heads * Size, down?.Outputs ?? From.Width),
            From.Linear(at + "attn_kv_a_mqa", rank + turned, From.Width), From.Norm(at + "attn_kv_a_norm"), keyUp, valueUp,
            From.Linear(at + "attn_output", From.Width, heads * ValueSize, scaled: true), new AttentionRule(Scale / MathF.Sqrt(Size)), Rope)
        {
            QueryLatent = down is null ? null : (down, From.Norm(at + "attn_q_a_norm")),
            Temperature = Temperature,
        };
    }
}
