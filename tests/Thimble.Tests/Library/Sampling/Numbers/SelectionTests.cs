using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class SelectionTests
{
    [Fact]
    public void Greatest_come_first_and_of_equal_ones_the_lowest_id()
    {
        var random = new Random(51);
        for (int round = 0; round < 500; round++)
        {
            // Few different values, so ties are many; ids in any order.
            float[] values = [.. Enumerable.Range(0, random.Next(1, 80)).Select(_ => (float)random.Next(12))];
            int[] ids = [.. Enumerable.Range(0, values.Length)], expected = [.. ids.OrderByDescending(i => values[i]).ThenBy(i => i)];
            int k = random.Next(values.Length + 1);
            random.Shuffle(ids);
            float[] shuffled = [.. ids.Select(i => values[i])];

            Selection.Top(shuffled, ids, k);
            Assert.Equal(expected.Take(k), ids.Take(k));
            Assert.Equal(Enumerable.Range(0, values.Length), ids.Order());
            Assert.All(Enumerable.Range(0, values.Length), i => Assert.Equal(values[ids[i]], shuffled[i]));
        }
    }
}
