using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class PhiloxTests
{
    [Fact]
    public void Words_are_those_of_the_authors()
    {
        // The known answers that come with Random123.
        Assert.Equal((0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u), Philox.Words((0, 0, 0, 0), 0));
        Assert.Equal((0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu), Philox.Words((~0u, ~0u, ~0u, ~0u), ~0UL));
        Assert.Equal((0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u),
            Philox.Words((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), 0x299F31D0A4093822));
    }

    [Fact]
    public void Uniform_numbers_fill_the_interval_evenly()
    {
        int[] bins = new int[64];
        for (int i = 0; i < 64_000; i++)
            bins[(int)(64 * Philox.Uniform(17, i, DrawPurpose.Token))]++;
        Assert.InRange(bins.Sum(count => (count - 1000) * (count - 1000) / 1000.0), 32, 107);   // χ² of 63 degrees: 0.1 % and 99.95 %
    }

    [Fact]
    public void Seeds_positions_and_purposes_all_matter()
    {
        double[] draws =
        [
            Philox.Uniform(1, 1, DrawPurpose.Token), Philox.Uniform(2, 1, DrawPurpose.Token), Philox.Uniform(1L << 40, 1, DrawPurpose.Token),
            Philox.Uniform(1, 2, DrawPurpose.Token), Philox.Uniform(1, 1L << 40, DrawPurpose.Token), Philox.Uniform(1, 1, DrawPurpose.Xtc),
        ];
        Assert.Equal(draws.Length, draws.Distinct().Count());
    }
}
