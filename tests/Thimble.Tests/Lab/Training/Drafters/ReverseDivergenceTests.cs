using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Training.Drafters;

public sealed class ReverseDivergenceTests : IDisposable
{
    private readonly ModelFile _file = ModelFile.Open(Golden.Path("stories260K/stories260K.bin"));
    private readonly TrainedModel _model;
    private readonly Team _team = new(1);
    private readonly Tape _tape;
    private readonly Batch _batch = new([1, 403, 407, 261], [403, -1, 261, 378], [(0, 4)]);

    public ReverseDivergenceTests() => (_model, _tape) = (new(_file, 64), new(_team));

    public void Dispose()
    {
        _tape.Dispose();
        _team.Dispose();
        _model.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void It_is_the_divergence_of_the_drafter_from_the_target_and_the_surprise_of_tokens_within_one()
    {
        float[]?[] p = [Random(3), null, null, Random(4, zero: 100)];
        double expected = (Divergence(Row(0), p[0]!) + (0.2 * -Math.Log(Softmax(Row(2), _ => true)[261])) + Divergence(Row(3), p[3]!)) / 3;
        Assert.Equal(expected, Loss(p).Mean, 1e-5);
    }

    [Fact]
    public void Its_gradient_is_the_difference()
    {
        float[]?[] p = [Random(5), null, null, Random(6, zero: 300)];
        Parameter weight = _model.Graph.Parameters.First(parameter => parameter.Name == "output_norm.weight");
        weight.IsTrained = true;
        weight.Gradient.Values.Clear();
        Loss(p);
        _tape.Pull();
        for (int i = 0; i < weight.Length; i += 9)
        {
            const float Step = 1e-2f;
            float gradient = weight.Gradient.Values[i];
            double above = Moved(weight, i, Step, p), below = Moved(weight, i, -Step, p);
            Assert.Equal((above - below) / (2 * Step), gradient, 2e-3);
        }
    }

    [Fact]
    public void A_drafter_that_says_what_the_target_says_loses_nothing()
    {
        float[] same = [.. Softmax(Row(0), _ => true).Select(value => (float)value)];
        Assert.Equal(0, Loss([same, null, same, same], lambda: 0).Mean - (Divergence(Row(2), same) / 3) - (Divergence(Row(3), same) / 3), 1e-5);
    }

    private double Moved(Parameter weight, int index, float step, float[]?[] p)
    {
        weight.Values[index] += step;
        double loss = Loss(p).Mean;
        weight.Values[index] -= step;
        return loss;
    }

    private Loss Loss(float[]?[] p, double lambda = 0.2)
    {
        _tape.Clear();
        _tape.Batch = _batch;
        return ReverseDivergence.Of(_tape, _model.Graph.Vectors(_tape), _model.Graph.Head(), 1, p, lambda);
    }

    private float[] Row(int row)
    {
        _tape.Clear();
        _tape.Batch = _batch;
        return _model.Graph.Head().Logits(_tape, _model.Graph.Vectors(_tape).Result)[row].ToArray();
    }

    private static double Divergence(float[] logits, float[] p)
    {
        double[] q = Softmax(logits, i => p[i] > 0);
        return Enumerable.Range(0, q.Length).Where(i => p[i] > 0).Sum(i => q[i] * Math.Log(q[i] / p[i]));
    }

    private static double[] Softmax(float[] logits, Func<int, bool> counts)
    {
        double[] weights = [.. logits.Select((logit, i) => counts(i) ? Math.Exp(logit - logits.Max()) : 0)];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    /// <summary>A distribution, some of whose first values are 0.</summary>
    private static float[] Random(int seed, int zero = 0)
    {
        var random = new Random(seed);
        double[] weights = [.. Enumerable.Range(0, 512).Select(i => i < zero ? 0 : Math.Exp(3 * random.NextDouble()))];
        return [.. weights.Select(weight => (float)(weight / weights.Sum()))];
    }
}
