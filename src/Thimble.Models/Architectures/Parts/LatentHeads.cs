using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Architectures;

/// <summary>The matrices by which each head of a latent attention draws keys and values.</summary>
internal static class LatentHeads
{
    /// <summary>Each head's Kᵀ and V.</summary>
    /// <param name="from">The file.</param>
    /// <param name="at">What the layer's tensors' names begin with.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="plain">Features of a key that do not turn.</param>
    /// <param name="valueSize">Features of a value.</param>
    /// <param name="rank">Features of the latent vector.</param>
    /// <returns>Shapes [rank, plain] and [value size, rank] for each head.</returns>
    public static (Weight[] KeyUp, Weight[] ValueUp) Read(Blueprint from, string at, int heads, int plain, int valueSize, int rank)
    {
        if (plain < 1)
            throw from.Wrong("attention.key_length", plain, "more than rope.dimension_count");
        if (from.FindWeights(at + "attn_k_b.weight", heads, rank, plain) is { } keyUp)
            return (keyUp, from.FindWeights(at + "attn_v_b.weight", heads, valueSize, rank) ?? throw from.Absent(at + "attn_v_b.weight"));

        // Both in one: each head's K above its V.
        Weight both = from.Weight(at + "attn_kv_b.weight", heads * (plain + valueSize), rank);
        return (
            [.. Enumerable.Range(0, heads).Select(head => Transposed(both, head * (plain + valueSize), plain, from.Opening))],
            [.. Enumerable.Range(0, heads).Select(head => new Weight(
                $"{both.Name}[{head}]", both.Format, valueSize, rank,
                both.Blocks.Part(((head * (long)(plain + valueSize)) + plain) * both.RowBytes, (long)valueSize * both.RowBytes), from.Opening))]);
    }

    private static Weight Transposed(Weight weight, int first, int count, Opening opening)
    {
        var floats = new Allocation((long)weight.Columns * count * sizeof(float));
        Span<float> values = floats.Floats;
        float[] row = new float[weight.Columns];
        for (int i = 0; i < count; i++)
        {
            weight.Decode(first + i, row);
            for (int column = 0; column < row.Length; column++)
                values[(column * count) + i] = row[column];
        }

        return new($"{weight.Name}[{first}..]", BlockFormats.Named("F32"), weight.Columns, count, floats.Region, opening);
    }
}
