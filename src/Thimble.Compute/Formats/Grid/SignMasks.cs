using System.Numerics;

namespace Thimble.Compute.Formats;

/// <summary>The signs of eight magnitudes.</summary>
/// <remarks>Source: ggml, <c>ksigns_iq2xs</c>: formats that spend seven bits on eight signs keep the number of minuses even.</remarks>
internal static class SignMasks
{
    private static readonly ulong[] s_masks = Masks();

    /// <summary>Eight magnitudes, none zero, with the signs given by the bits of <paramref name="signs"/>.</summary>
    public static ulong Apply(ulong magnitudes, uint signs)
    {
        ulong mask = s_masks[(byte)signs];
        return (magnitudes ^ mask) + (mask & 0x0101010101010101);
    }

    /// <summary>The eight signs that seven bits stand for.</summary>
    public static uint Complete(uint sevenBits) => (sevenBits & 127) | ((uint)(BitOperations.PopCount(sevenBits & 127) & 1) << 7);

    /// <summary>Takes the signs off values.</summary>
    /// <param name="x">Values, shape [256].</param>
    /// <param name="w">Importance, shape [256].</param>
    /// <param name="even">Whether each eight must have an even number of minuses: where it has not, the least of them is
    /// given the other sign and its magnitude becomes negative. Least is what costs least to turn round: for a value x next to a
    /// level a, <c>w·((|x| + a)² − (|x| − a)²)</c> and, where x is larger, more.</param>
    /// <param name="magnitudes">Receives the magnitudes, shape [256].</param>
    /// <param name="signs">Receives a bit for each minus, shape [32].</param>
    public static void Split(ReadOnlySpan<float> x, ReadOnlySpan<float> w, bool even, Span<float> magnitudes, Span<byte> signs)
    {
        for (int v = 0; v < signs.Length; v++)
        {
            uint bits = 0;
            int least = 8 * v;
            float sum = 0, cost = float.PositiveInfinity;
            for (int i = 8 * v; i < (8 * v) + 8; i++)
                sum += MathF.Abs(x[i]);
            for (int i = 8 * v; i < (8 * v) + 8; i++)
            {
                magnitudes[i] = MathF.Abs(x[i]);
                bits |= (x[i] < 0 ? 1u : 0) << (i % 8);
                float turned = w[i] * MathF.Abs(x[i]) * (MathF.Abs(x[i]) + (sum / 16));
                if (turned < cost)
                    (cost, least) = (turned, i);
            }

            if (even && BitOperations.PopCount(bits) % 2 != 0)
            {
                bits ^= 1u << (least % 8);
                magnitudes[least] = -magnitudes[least];
            }

            signs[v] = (byte)bits;
        }
    }

    private static ulong[] Masks()
    {
        ulong[] masks = new ulong[256];
        for (int signs = 0; signs < 256; signs++)
        {
            for (int i = 0; i < 8; i++)
                masks[signs] |= (signs >> i & 1) != 0 ? 0xFFul << (8 * i) : 0;
        }

        return masks;
    }
}
