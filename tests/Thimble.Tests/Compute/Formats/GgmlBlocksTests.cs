using Thimble.Compute.Formats;

namespace Thimble.Tests.Compute.Formats;

public class GgmlBlocksTests
{
    public static TheoryData<string> Rows => [.. GgmlBlocks.Table.Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Type_length_and_bytes_are_the_owners(string row)
    {
        GgmlBlocks.Row theirs = GgmlBlocks.Find(row);
        BlockFormat format = GgmlBlocks.Format(theirs.Name);

        Assert.Equal(theirs.GgufType, format.GgufType);
        Assert.Equal(theirs.BlockLength, format.BlockLength);
        Assert.Equal(theirs.Bytes, format.RowBytes(GgmlBlocks.Input.Length));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Decoding_is_the_owners_to_the_last_bit(string row)
    {
        GgmlBlocks.Row theirs = GgmlBlocks.Find(row);
        float[] values = new float[GgmlBlocks.Input.Length];

        GgmlBlocks.Format(theirs.Name).Decode(theirs.Blocks, values);

        Assert.Equal(theirs.Values, values);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Encoding_is_no_worse_than_the_owners(string row)
    {
        GgmlBlocks.Row theirs = GgmlBlocks.Find(row);
        if (theirs.Weighted)
            return;

        float[] decoded = GgmlBlocks.RoundTrip(GgmlBlocks.Format(theirs.Name), weighted: false);

        // The table gives six digits.
        double error = GgmlBlocks.Error(GgmlBlocks.Input, decoded, []);
        Assert.True(error <= theirs.Error * (1 + 1e-5), $"{theirs}: {error} is worse than {theirs.Error}.");
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Encoding_by_importance_is_no_worse_where_it_matters(string row)
    {
        GgmlBlocks.Row theirs = GgmlBlocks.Find(row);
        if (!theirs.Weighted)
            return;

        float[] decoded = GgmlBlocks.RoundTrip(GgmlBlocks.Format(theirs.Name), weighted: true);

        double ours = GgmlBlocks.Error(GgmlBlocks.Input, decoded, GgmlBlocks.Importance);
        double owners = GgmlBlocks.Error(GgmlBlocks.Input, theirs.Values, GgmlBlocks.Importance);
        Assert.True(ours <= owners * (1 + 1e-5), $"{theirs}: {ours} is worse than {owners}.");
    }
}
