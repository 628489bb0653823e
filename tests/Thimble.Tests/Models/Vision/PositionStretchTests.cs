using Thimble.Models.Blocks;
using Thimble.Models.Vision;

namespace Thimble.Tests.Models.Vision;

/// <summary>Learned positions stretched over views, and vectors that go to a text model's first layers.</summary>
public class PositionStretchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_patch_has_sums_to_one_and_lies_inside(bool corners)
    {
        foreach ((int side, int count) in from side in Enumerable.Range(1, 9) from count in Enumerable.Range(1, 20) select (side, count))
        {
            var stretch = new PositionStretch(side, corners);
            foreach (PositionStretch.Share[] shares in Enumerable.Range(0, count).Select(index => stretch.Along(index, count)))
            {
                Assert.Equal(1, shares.Sum(share => share.Part), 1e-5);
                Assert.All(shares, share => Assert.True(share.Of >= 0 && share.Of < side && share.Part > 0));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_view_of_the_same_size_has_its_own(bool corners) =>
        Assert.All(Enumerable.Range(0, 7), index => Assert.Equal([new(index, 1)], new PositionStretch(7, corners).Along(index, 7)));

    [Fact]
    public void Corners_lie_on_corners()
    {
        Assert.Equal([new(0, 1)], new PositionStretch(5, Corners: true).Along(0, 12));
        Assert.Equal([new(4, 1)], new PositionStretch(5, Corners: true).Along(11, 12));
        Assert.Equal([new(0, 0.5f), new(1, 0.5f)], new PositionStretch(2, Corners: true).Along(1, 3));
    }

    [Fact]
    public void All_that_fall_on_a_patch_count() =>
        Assert.Equal([0.2083f, 0.2917f, 0.2917f, 0.2083f], new PositionStretch(4, Corners: false).Along(0, 1).Select(share => MathF.Round(share.Part, 4)));

    [Fact]
    public void Rows_know_their_vectors_for_the_first_layers()
    {
        var rows = new GivenRows([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, deeper: 2);
        Assert.Equal((2, 2, 2), (rows.Count, rows.Width, rows.Deeper));
        Assert.Equal([7, 8], rows[1].ToArray());
        Assert.Equal([3, 4, 11, 12], [.. rows.After(0, 0), .. rows.After(1, 1)]);
        Assert.NotEqual(rows.Ids.ToArray(), new GivenRows([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13], 2, deeper: 2).Ids.ToArray());
        Assert.Throws<ArgumentException>(() => new GivenRows(new float[8], 2, deeper: 2));
    }

    [Theory]
    [InlineData(1100, 300, 4, 1)]
    [InlineData(300, 1100, 1, 4)]
    [InlineData(2000, 2000, 3, 3)]
    [InlineData(9000, 300, 10, 1)]
    public void Tiles_have_the_nearest_proportions(int width, int height, int across, int down) =>
        Assert.Equal((across, down), new LfmPreparation(512, new(32, 64 * 1024, 256 * 1024, Resampling.Bilinear)).Grid(width, height));

    [Fact]
    public void A_picture_of_about_a_tile_is_one_view_without_marks()
    {
        ViewPart part = Assert.Single(new LfmPreparation(512, new(32, 64 * 1024, 256 * 1024, Resampling.Bilinear)).Parts(new Image(600, 400)));
        Assert.Null(part.Text);
        Assert.True(part.View!.Width % 32 == 0 && part.View.Height % 32 == 0 && part.View.Width > part.View.Height);
    }
}
