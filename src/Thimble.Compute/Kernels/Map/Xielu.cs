namespace Thimble.Compute.Kernels;

/// <summary>A function with trained slopes: <c>α⁺·x² + β·x</c> for positive x, else <c>α⁻·(eᵐ − 1 − x) + β·x</c> with <c>m = min(x, ε)</c>.</summary>
/// <remarks>Source: Huang and Schlag, "Deriving Activation Functions Using Integration", 2024, eq. 12.</remarks>
/// <param name="negative">α⁻, as it is multiplied.</param>
/// <param name="positive">α⁺, as it is multiplied.</param>
/// <param name="slope">β.</param>
/// <param name="edge">ε.</param>
internal sealed class Xielu(float negative, float positive, float slope, float edge) : Nonlinearity
{
    /// <summary>The function of stored parameters: <c>α⁺ = ln(1 + e^a)</c>, <c>α⁻ = β + ln(1 + e^b)</c>.</summary>
    public static Xielu Of(float negative, float positive, float slope, float edge) =>
        new(slope + SoftPlus(negative), SoftPlus(positive), slope, edge);

    /// <inheritdoc />
    public override string Name => "Xielu";

    /// <inheritdoc />
    public override void Apply(Span<float> x)
    {
        foreach (ref float v in x)
            v = Value(v);
    }

    /// <inheritdoc />
    public override void Gate(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
            gate[i] = Value(gate[i]) * up[i];
    }

    // e^m − 1 loses its digits near 0; doubles have some to lose.
    private float Value(float x) => x > 0
        ? (positive * x * x) + (slope * x)
        : ((float)(Math.Exp(Math.Min(x, edge)) - 1 - x) * negative) + (slope * x);

    private static float SoftPlus(float x) => x > 20 ? x : MathF.Log(1 + MathF.Exp(x));
}
