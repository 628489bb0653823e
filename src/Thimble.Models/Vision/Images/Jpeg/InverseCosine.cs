namespace Thimble.Models.Vision;

/// <summary>From the 64 weights of cosines to the 8×8 samples that they describe, in whole numbers.</summary>
/// <remarks>Source: Loeffler, Ligtenberg and Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications", 1989, figure 1, in
/// numbers of thirteen bits behind the point and with two bits more between the two directions, as the Independent JPEG Group chose;
/// so that samples are those of most other programs, to the bit.</remarks>
internal static class InverseCosine
{
    private const int Point = 13, Between = 2;

    /// <summary>Transforms a block.</summary>
    /// <param name="block">Weights, line after line, shape [8, 8].</param>
    /// <param name="steps">Factors on them, shape [8, 8].</param>
    /// <param name="samples">Receives the samples: 8 lines of 8.</param>
    /// <param name="stride">Samples from a line to the next.</param>
    public static void Transform(ReadOnlySpan<short> block, ReadOnlySpan<ushort> steps, Span<byte> samples, int stride)
    {
        Span<int> columns = stackalloc int[64], line = stackalloc int[8];
        for (int x = 0; x < 8; x++)
        {
            for (int y = 0; y < 8; y++)
                line[y] = block[(8 * y) + x] * steps[(8 * y) + x];
            Line(line, Point - Between);
            for (int y = 0; y < 8; y++)
                columns[(8 * y) + x] = line[y];
        }

        for (int y = 0; y < 8; y++)
        {
            line = columns.Slice(8 * y, 8);
            Line(line, Point + Between + 3);
            for (int x = 0; x < 8; x++)
                samples[(y * stride) + x] = (byte)Math.Clamp(line[x] + 128, 0, 255);
        }
    }

    /// <summary>One direction: eight weights to eight samples, shifted down and rounded.</summary>
    private static void Line(Span<int> v, int shift)
    {
        int half = 1 << (shift - 1);
        int turned = (v[2] + v[6]) * Fixed(0.541196100);
        int even2 = turned - (v[6] * Fixed(1.847759065)), even3 = turned + (v[2] * Fixed(0.765366865));
        int sum = (v[0] + v[4]) << Point, difference = (v[0] - v[4]) << Point;
        (int a, int d, int b, int c) = (sum + even3, sum - even3, difference + even2, difference - even2);

        (int o7, int o5, int o3, int o1) = (v[7], v[5], v[3], v[1]);
        (int z1, int z2, int z3, int z4) = (o7 + o1, o5 + o3, o7 + o3, o5 + o1);
        int z5 = (z3 + z4) * Fixed(1.175875602);
        (z1, z2) = (z1 * -Fixed(0.899976223), z2 * -Fixed(2.562915447));
        (z3, z4) = ((z3 * -Fixed(1.961570560)) + z5, (z4 * -Fixed(0.390180644)) + z5);
        o7 = (o7 * Fixed(0.298631336)) + z1 + z3;
        o5 = (o5 * Fixed(2.053119869)) + z2 + z4;
        o3 = (o3 * Fixed(3.072711026)) + z2 + z3;
        o1 = (o1 * Fixed(1.501321110)) + z1 + z4;

        (v[0], v[7]) = ((a + o1 + half) >> shift, (a - o1 + half) >> shift);
        (v[1], v[6]) = ((b + o3 + half) >> shift, (b - o3 + half) >> shift);
        (v[2], v[5]) = ((c + o5 + half) >> shift, (c - o5 + half) >> shift);
        (v[3], v[4]) = ((d + o7 + half) >> shift, (d - o7 + half) >> shift);
    }

    private static int Fixed(double value) => (int)((value * (1 << Point)) + 0.5);
}
