using Thimble.Models.Blocks;

namespace Thimble.Tests.Models.Blocks;

public class InsertsTests
{
    [Fact]
    public void A_grid_takes_up_its_longer_side_of_positions()
    {
        Inserts inserts = With(3, Rows(6, new GivenGrid(2, 3)));
        Assert.Equal((2, 2, 2), inserts.Position(2));
        Assert.Equal([(3, 3, 3), (3, 3, 4), (3, 3, 5), (3, 4, 3), (3, 4, 4), (3, 4, 5)], Enumerable.Range(3, 6).Select(inserts.Position));
        Assert.Equal((6, 6, 6), inserts.Position(9));
        Assert.Equal((7, 7, 7), inserts.Position(10));
    }

    [Fact]
    public void A_line_takes_up_as_many_positions_as_tokens()
    {
        Inserts inserts = With(3, Rows(6));
        Assert.All(Enumerable.Range(0, 20), place => Assert.Equal((place, place, place), inserts.Position(place)));
    }

    [Fact]
    public void Rows_that_see_one_another_come_whole()
    {
        Inserts inserts = With(5, Rows(4, together: true));
        for (int first = 0; first <= 12; first++)
        {
            if (first is > 5 and < 9)
                continue;
            for (int room = 1; room < 12; room++)
            {
                int end = first + inserts.Whole(first, room);
                Assert.True(end > first && end is not (> 5 and < 9), $"A run from {first} with room for {room} ends at {end}.");
                Assert.True(end <= first + room || first == 5);
            }
        }
    }

    [Fact]
    public void A_cut_among_rows_keeps_those_before_it()
    {
        Inserts line = With(5, Rows(4)), mutual = With(5, Rows(4, together: true));
        Assert.Equal(7, line.Truncate(7));
        Assert.True(line.TryFind(6, out Insert kept) && kept.Count == 2);
        Assert.False(line.TryFind(7, out _));
        Assert.Equal(5, mutual.Truncate(7));
        Assert.Equal(3, mutual.Truncate(3));
        Assert.True(mutual.IsEmpty);
    }

    [Fact]
    public void Rows_cannot_stand_where_others_do()
    {
        Inserts inserts = With(5, Rows(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => inserts.Add(8, Rows(2)));
        Assert.Throws<ArgumentException>(() => inserts.Add(9, new GivenRows(new float[3], 3)));
    }

    [Fact]
    public void Ids_are_below_0_and_tell_contents_and_places_apart()
    {
        GivenRows one = Rows(64), same = Rows(64), other = Rows(64, seed: 2), grid = Rows(64, new GivenGrid(8, 8));
        Assert.All(one.Ids.ToArray(), id => Assert.True(id < 0));
        Assert.Equal(one.Ids.ToArray(), same.Ids.ToArray());
        Assert.Equal(64 * 3, one.Ids.ToArray().Concat(other.Ids.ToArray()).Concat(grid.Ids.ToArray()).Distinct().Count());
    }

    [Fact]
    public void A_grid_of_another_size_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Rows(6, new GivenGrid(2, 2)));
        Assert.Throws<ArgumentException>(() => new GivenRows([], 2));
    }

    private static Inserts With(int start, GivenRows rows)
    {
        var inserts = new Inserts();
        inserts.Add(start, rows);
        return inserts;
    }

    private static GivenRows Rows(int count, GivenGrid? grid = null, bool together = false, int seed = 1)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, 2 * count).Select(_ => random.NextSingle())], 2, grid, together);
    }
}
