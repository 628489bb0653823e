using Thimble.Compute.Simd;

namespace Thimble.Tests.Compute;

public class HalfFloatTests
{
    [Fact]
    public void Every_finite_half_is_widened_exactly()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsFinite(half))
                Assert.Equal((float)half, HalfFloat.Widen(half));
        }
    }

    [Fact]
    public void A_float_is_narrowed_to_the_nearest_half_ties_to_even()
    {
        // Around every half: the half itself, the ties on both sides, and their neighbours.
        for (int bits = 0; bits < 0x7C00; bits++)
        {
            float low = (float)BitConverter.UInt16BitsToHalf((ushort)bits), high = bits == 0x7BFF ? 65536 : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float tie = (low + high) / 2;
            foreach (float value in (float[])[low, MathF.BitDecrement(tie), tie, MathF.BitIncrement(tie), MathF.BitDecrement(high)])
            {
                Assert.Equal((Half)value, HalfFloat.Narrow(value));
                Assert.Equal((Half)(-value), HalfFloat.Narrow(-value));
            }
        }

        foreach (float value in (float[])[float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.Epsilon, -0f])
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)value), BitConverter.HalfToUInt16Bits(HalfFloat.Narrow(value)));
    }
}
