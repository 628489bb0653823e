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
}
