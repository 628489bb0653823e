namespace Thimble.Models.Blocks;

/// <summary>Queries that grow with their position: <c>q · (1 + scale · ln(1 + ⌊(position + offset) / length⌋))</c>.</summary>
/// <remarks>Source: Meta, Llama 4, 2025 (attention temperature tuning); after Nakanishi, "Scalable-Softmax", 2025.</remarks>
/// <param name="Scale">How fast they grow.</param>
/// <param name="Length">Tokens before they begin to.</param>
/// <param name="Offset">Added to the position.</param>
internal sealed record AttentionTemperature(float Scale, int Length, float Offset = 0)
{
    /// <summary>The factor at a position.</summary>
    public float At(int position) => 1 + (Scale * MathF.Log(1 + MathF.Floor((position + Offset) / Length)));
}
