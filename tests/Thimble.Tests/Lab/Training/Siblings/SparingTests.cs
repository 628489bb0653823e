using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training.Siblings;

/// <summary>The term that makes gates sparse.</summary>
public class SparingTests
{
    [Fact]
    public void Its_gradient_is_the_difference()
    {
        float[] gates = Gates(33), slopes = new float[33];
        int nothing = Sparing.Add(gates, 1, slopes);
        Assert.Equal(gates.Count(gate => gate <= 0), nothing);
        for (int i = 0; i < gates.Length; i++)
            Assert.Equal((Term(gates, i, 1e-5) - Term(gates, i, -1e-5)) / 2e-5, slopes[i], 1e-3 * Math.Max(0.01, Math.Abs(slopes[i])));
    }

    [Fact]
    public void Smaller_gates_are_no_sparser_ones()
    {
        float[] gates = Gates(40), slopes = new float[40];
        Sparing.Add(gates, 1, slopes);
        Assert.Equal(0, gates.Zip(slopes, (gate, slope) => (double)gate * slope).Sum(), 1e-6);   // along the gates themselves it is level
    }

    [Fact]
    public void Gates_that_are_all_nothing_have_no_slope()
    {
        float[] slopes = new float[5];
        Assert.Equal(5, Sparing.Add(new float[5], 1, slopes));
        Assert.All(slopes, slope => Assert.Equal(0, slope));
    }

    [Fact]
    public void The_weight_turns_towards_the_target()
    {
        var sparse = new SparseActivations(new() { Target = 0.9f, Weight = 1, Most = 2 });
        sparse.Count(50, 100);
        Assert.Equal(0.5, sparse.Turn());
        Assert.Equal(Math.Exp(0.2 * 0.4), sparse.Weight[0], 1e-5);
        for (int i = 0; i < 200; i++)
        {
            sparse.Count(0, 100);
            sparse.Turn();
        }

        Assert.Equal(2, sparse.Weight[0]);
        sparse.Count(100, 100);
        sparse.Turn();
        Assert.True(sparse.Weight[0] < 2);
    }

    private static double Term(float[] gates, int moved, double by)
    {
        double[] own = [.. gates.Select((gate, i) => gate + (i == moved ? by : 0))];
        return own.Average(gate => Math.Max(0, gate)) / Math.Sqrt(own.Average(gate => gate * gate));
    }

    private static float[] Gates(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((3 * random.NextDouble()) - 1.2))];
    }
}
