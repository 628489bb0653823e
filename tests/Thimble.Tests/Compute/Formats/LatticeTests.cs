using Thimble.Compute.Formats;

namespace Thimble.Tests.Compute.Formats;

public class LatticeTests
{
    private static readonly sbyte[] s_digits = [0, 1, 2, 3, 4, 5, 6, 7];

    [Fact]
    public void Lattices_have_the_points_their_formats_can_name()
    {
        Assert.Equal(256, Lattices.Iq2Xxs.Count);
        Assert.Equal(512, Lattices.Iq2Xs.Count);
        Assert.Equal(1024, Lattices.Iq2S.Count);
        Assert.Equal(2048, Lattices.Iq1.Count);
        Assert.Equal(256, Lattices.Iq3Xxs.Count);
        Assert.Equal(512, Lattices.Iq3S.Count);
    }

    [Fact]
    public void Points_rise()
    {
        foreach (Lattice lattice in (Lattice[])[Lattices.Iq2Xxs, Lattices.Iq1, Lattices.Iq3S])
        {
            ulong[] points = lattice.Points(s_digits);
            Assert.Equal(points.Order(), points);
            Assert.Equal(points.Length, points.Distinct().Count());
        }
    }

    [Fact]
    public void The_nearest_point_is_that_of_a_search_through_all()
    {
        var random = new Random(3);
        foreach (Lattice lattice in (Lattice[])[Lattices.Iq2S, Lattices.Iq1, Lattices.Iq3Xxs])
        {
            int digits = lattice.Dimensions == 8 ? 3 : 8;
            float[] costs = new float[lattice.Dimensions * digits];
            for (int i = 0; i < costs.Length; i++)
                costs[i] = random.NextSingle();

            int nearest = lattice.Nearest(costs, out float cost);

            Assert.Equal(Enumerable.Range(0, lattice.Count).Min(Cost), cost, 5);
            Assert.Equal(Cost(nearest), cost, 5);
            float Cost(int point) => Enumerable.Range(0, lattice.Dimensions).Sum(i => costs[(lattice.Digit(point, i) * lattice.Dimensions) + i]);
        }
    }

    [Fact]
    public void Seven_bits_stand_for_an_even_number_of_minuses()
    {
        for (uint bits = 0; bits < 128; bits++)
        {
            uint signs = SignMasks.Complete(bits);
            Assert.Equal(bits, signs & 127);
            Assert.Equal(0, int.PopCount((int)signs) % 2);
        }
    }
}
