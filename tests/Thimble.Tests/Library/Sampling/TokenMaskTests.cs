using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class TokenMaskTests
{
    [Fact]
    public void It_is_a_set_of_ids()
    {
        var random = new Random(91);
        foreach (int vocabulary in (int[])[1, 63, 64, 65, 200])
        {
            TokenMask mask = new(vocabulary);
            SortedSet<int> set = [];
            for (int i = 0; i < 100; i++)
            {
                int id = random.Next(vocabulary);
                mask[id] = i % 3 != 0;
                _ = i % 3 != 0 ? set.Add(id) : set.Remove(id);
            }

            int[] ids = new int[vocabulary];
            Assert.Equal(set.Count, mask.CopyTo(ids));
            Assert.Equal(set.Count, mask.Count);
            Assert.Equal(set, ids.Take(set.Count));
            Assert.All(Enumerable.Range(0, vocabulary), id => Assert.Equal(set.Contains(id), mask[id]));
        }
    }

    [Fact]
    public void All_and_none_and_both()
    {
        TokenMask all = new(70), some = new(70) { [3] = true, [69] = true };
        all.AllowAll();
        Assert.Equal(70, all.Count);
        all.And(some);
        Assert.Equal(2, all.Count);
        all.Clear();
        Assert.Equal(0, all.Count);
    }

    [Fact]
    public void Other_vocabularies_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TokenMask(3).And(new TokenMask(4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenMask(64)[64]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenMask(64)[-1] = true);
    }
}
