using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Lab.Training.Adapters;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training.ZerothOrder;

/// <summary>Estimates against gradients, weights that stay as they are to the bit, and every method on a small model.</summary>
public class ZoBenchTests(ITestOutputHelper output)
{
    public static TheoryData<string> Methods => [.. ZerothMethod.Known];

    [Theory, MemberData(nameof(Methods))]
    public void Looking_for_a_slope_leaves_every_bit_as_it_was(string method)
    {
        using var subject = new Subject(new() { Method = method });
        float[] before = subject.Numbers();
        for (uint seed = 0; seed < 4; seed++)
            subject.Trainer.Slope([AdaptedModel.Batch], subject.Trainer.Trained, seed);
        Assert.Equal(before, subject.Numbers());
    }

    [Fact]
    public void A_loss_that_is_no_number_moves_nothing_and_is_said()
    {
        using var subject = new Subject(new());
        float[] before = subject.Numbers();
        subject.Graph.Parameters.First(parameter => parameter.Name == "blk.2.attn_norm.weight").Values[3] = float.NaN;
        before = subject.Numbers();
        Assert.Contains("The model is as it was after step 0", Assert.Throws<InvalidDataException>(() => subject.Trainer.Step([AdaptedModel.Batch])).Message, StringComparison.Ordinal);
        Assert.Equal(before, subject.Numbers());
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("forward")]
    public void A_slope_is_the_gradient_along_its_direction(string method)
    {
        using var subject = new Subject(new() { Method = method, Distance = 2e-3f });
        for (uint seed = 1; seed < 4; seed++)
        {
            (float slope, double loss) = subject.Trainer.Slope([AdaptedModel.Batch], subject.Trainer.Trained, seed);
            double along = subject.Along(seed);
            output.WriteLine($"{method}: slope {slope:g6}, gradient along {along:g6}, loss {loss:g6}");
            Assert.Equal(along, slope, Math.Abs(along) * (method == "forward" ? 1e-3 : 0.05) + (method == "forward" ? 1e-4 : 0.05));
        }
    }

    [Fact]
    public void The_mean_of_estimates_is_the_gradient()
    {
        // A bowl of sixteen numbers: L = Σ aᵢ wᵢ² / 2, whose gradient is aᵢ wᵢ.
        float[] a = [.. Enumerable.Range(1, 16).Select(i => 0.2f * i)], w = [.. Enumerable.Range(0, 16).Select(i => MathF.Sin(i + 1))], u = new float[16];
        double[] sum = new double[16];
        const int estimates = 100_000;
        for (uint seed = 0; seed < estimates; seed++)
        {
            new CounterNoise(seed, 0).Fill(0, u);
            double slope = (Loss(1e-3) - Loss(-1e-3)) / 2e-3;
            for (int i = 0; i < 16; i++)
                sum[i] += slope * u[i] / estimates;
        }

        double[] gradient = [.. a.Zip(w).Select(pair => (double)pair.First * pair.Second)];
        Assert.InRange(Math.Sqrt(sum.Zip(gradient).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / gradient.Sum(value => value * value)), 0, 0.03);

        double Loss(double along) => Enumerable.Range(0, 16).Sum(i => a[i] * Math.Pow(w[i] + (along * u[i]), 2) / 2);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Every_method_learns_a_text_in_an_adapter_at_some_rate(string method)
    {
        double best = double.PositiveInfinity;
        foreach (float rate in new[] { 1e-3f, 1e-4f, 1e-5f, 1e-6f }.TakeWhile(_ => best > -0.01))
        {
            using var subject = new Subject(new() { Method = method, Distance = 1e-2f, Queries = 4 }, rate, new() { Rank = 2, Alpha = 2, Targets = "attn_(q|v)" });
            double before = subject.Trainer.Evaluate([AdaptedModel.Batch]).Mean;
            for (int i = 0; i < 60; i++)
                subject.Trainer.Step([AdaptedModel.Batch]);
            best = Math.Min(best, subject.Trainer.Evaluate([AdaptedModel.Batch]).Mean - before);
            output.WriteLine($"{method} at {rate}: {best:f4}");
        }

        Assert.InRange(best, -10, -0.01);
    }

    [Theory]
    [InlineData("layers")]
    [InlineData("hybrid")]
    [InlineData("sparse")]
    public void Layers_hybrids_and_sparse_directions_learn_too(string way)
    {
        var options = new ZerothOrderOptions { ByLayer = way == "layers", FirstOrderLayers = way == "hybrid" ? 2 : 0, Sparsity = way == "sparse" ? 0.5f : 0, Resample = 5, Distance = 1e-3f };
        using var subject = new Subject(options, rate: 1e-5f);
        double before = subject.Trainer.Evaluate([AdaptedModel.Batch]).Mean;
        for (int i = 0; i < 20; i++)
            subject.Trainer.Step([AdaptedModel.Batch]);
        double after = subject.Trainer.Evaluate([AdaptedModel.Batch]).Mean;
        output.WriteLine($"{way}: {before:f4} to {after:f4}");
        Assert.InRange(after, 0, before);
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void As_much_is_left_alone_as_was_asked_for(float share)
    {
        using var subject = new Subject(new() { Sparsity = share });
        long zeros = 0, all = 0;
        foreach (Parameter parameter in subject.Trainer.Trained)
        {
            float[] direction = new float[parameter.Length];
            subject.Trainer.Direction(parameter, 5, 1).Fill(0, direction);
            (zeros, all) = (zeros + direction.Count(value => value == 0), all + direction.Length);
        }

        Assert.InRange((double)zeros / all, share - 0.005, share + 0.005);
    }

    [Fact]
    public void Sign_takes_the_sign_of_each_number_of_the_estimate()
    {
        float[] values = [1, 1, 1];
        ZerothMethod.Named("sign", new OptimiserOptions()).Move(new OptimiserStep(1, 0.5f, 0, 1), values, [3, -2, 0], []);
        Assert.Equal([0.5f, 1.5f, 1], values);
    }

    [Fact]
    public void Memory_does_not_grow_with_layers_and_has_no_copy_of_the_model()
    {
        long Bytes(ZerothOrderOptions zeroth, int length)
        {
            using var subject = new Subject(zeroth);
            subject.Trainer.Step([Long(length)]);
            return subject.Trainer.Bytes;
        }

        using var file = ModelFile.Open(AdaptedModel.Stories);
        long model = file.Tensors.Sum(tensor => tensor.Length), own = Bytes(new(), 16);
        Assert.InRange(own, 1, model / 2);
        Assert.InRange(Bytes(new() { Method = "adam" }, 16), own + (2 * model) - 4096, own + (2.1 * model));
        Assert.InRange(Gradients(128) - Gradients(16), 8 * (Bytes(new(), 128) - own) / 2, long.MaxValue);
    }

    [Fact]
    public void A_batch_in_parts_is_the_same_batch()
    {
        var whole = Batch.Of([AdaptedModel.Text, AdaptedModel.Text[..5], AdaptedModel.Text[..9], AdaptedModel.Text[..7]]);
        Batch[] parts = [.. whole.Split(14)];
        Assert.Equal([15, 12, 6], parts.Select(part => part.Rows));
        Assert.Equal(whole.Tokens, parts.SelectMany(part => part.Tokens));
        Assert.Equal(whole.Targets, parts.SelectMany(part => part.Targets));
        Assert.Equal(whole.Positions, parts.SelectMany(part => part.Positions));
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Contains("'newton' is unknown; known: adam, conservative, forward", Assert.Throws<ArgumentException>(() => new Subject(new() { Method = "newton" })).Message, StringComparison.Ordinal);
        Assert.Contains("expected a distance", Assert.Throws<InvalidDataException>(() => new Subject(new() { Distance = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => new Subject(new() { FirstOrderLayers = 1, Log = "x" }));
    }

    private static Batch Long(int length) => Batch.Of([[.. Enumerable.Range(0, length + 1).Select(i => AdaptedModel.Text[i % 16])]]);

    private static long Gradients(int length)
    {
        using var model = new TrainedModel(ModelFile.Open(AdaptedModel.Stories), 256);
        foreach (Parameter parameter in model.Graph.Parameters)
            parameter.IsTrained = parameter.Name.Length > 0;
        using var trainer = new Trainer(model.Graph, new TrainerOptions { Threads = 1 });
        trainer.Step([Long(length)]);
        return trainer.Bytes;
    }

    /// <summary>A small model, all of it or an adapter, and a trainer of it.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly ModelFile _file = ModelFile.Open(AdaptedModel.Stories);
        private readonly TrainedModel _model;

        public Subject(ZerothOrderOptions options, float rate = 1e-4f, TrainedAdapterOptions? adapter = null)
        {
            _model = new TrainedModel(_file, 256, frozen: adapter is not null);
            if (adapter is not null)
                LlmAdapters.Attach(Graph, adapter, 3);
            foreach (Parameter parameter in Graph.Parameters.Where(_ => adapter is null))
                parameter.IsTrained = parameter.Name.Length > 0;
            Trainer = new ZoBench(Graph, new TrainerOptions { Steps = 60, Optimiser = new OptimiserOptions { Rate = rate }, Schedule = new Schedule { Shape = "constant" }, Threads = 1 }, options, seed: 4);
        }

        public Graph Graph => _model.Graph;

        public ZoBench Trainer { get; }

        public float[] Numbers() => [.. Trainer.Trained.SelectMany(parameter => parameter.Values.ToArray())];

        /// <summary>The gradient along a direction, by pulling it.</summary>
        public double Along(uint seed)
        {
            using var team = new Thimble.Compute.Threads.Team(1);
            using var tape = new Tape(team) { Batch = AdaptedModel.Batch };
            foreach (Parameter parameter in Trainer.Trained)
                parameter.Gradient.Values.Clear();
            CrossEntropy.Of(tape, Graph.Vectors(tape), Graph.Head());
            tape.Pull();
            double along = 0;
            foreach (Parameter parameter in Trainer.Trained)
            {
                float[] direction = new float[parameter.Length];
                Trainer.Direction(parameter, seed, 1).Fill(0, direction);
                for (int i = 0; i < direction.Length; i++)
                    along += (double)direction[i] * parameter.Gradient.Values[i];
            }

            return along;
        }

        public void Dispose()
        {
            Trainer.Dispose();
            _model.Dispose();
            _file.Dispose();
        }
    }
}
