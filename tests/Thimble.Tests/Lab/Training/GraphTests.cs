using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;
using Xunit.Abstractions;

namespace Thimble.Tests.Lab.Training;

/// <summary>The graph that is trained against the model that runs, and its derivatives against differences.</summary>
public class GraphTests(ITestOutputHelper output)
{
    public static TheoryData<string> Known => [.. Fixture.Names.Where(CanTrain)];

    [Theory]
    [MemberData(nameof(Known))]
    public void Training_computes_the_logits_that_inference_does(string name)
    {
        var fixture = new Fixture(name);
        using var subject = new Subject(fixture.Model);
        float[][] logits = subject.Logits(Batch.Of([[.. fixture.Tokens, 0]]));
        output.WriteLine($"NMSE {name} {fixture.Error(logits):e1}");
        Assert.InRange(fixture.Error(logits), 0, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void Gradients_are_tangents_are_differences(string name)
    {
        var fixture = new Fixture(name);
        using var subject = new Subject(fixture.Model, train: true);
        var batch = Batch.Of([[.. fixture.Tokens.Take(9)], [.. fixture.Tokens.Skip(9).Take(6)]]);
        subject.Turn(seed: 5);
        (double pulled, double pushed) = (subject.Pulled(batch), subject.Pushed(batch));
        double difference = subject.Difference(batch, 2e-3f);
        output.WriteLine($"{name} pulled {pulled} pushed {pushed} difference {difference}");
        Assert.Equal(pushed, pulled, Math.Abs(pushed) * 1e-4);
        Assert.Equal(pushed, difference, Math.Max(2e-3, Math.Abs(pushed) * 1e-2));
    }

    private static bool CanTrain(string name)
    {
        using var subject = new Subject(Fixture.PathOf(name + ".gguf"));
        try
        {
            subject.Loss(Batch.Of([[1, 2, 3]]));
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>A model on a tape.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly ModelFile _file;
        private readonly TrainedModel _model;
        private readonly Team _team = new(2);
        private readonly Tape _tape;

        public Subject(string path, bool train = false)
        {
            _file = ModelFile.Open(path);
            _model = new TrainedModel(_file, context: 256);
            _tape = new Tape(_team);
            foreach (Parameter parameter in _model.Graph.Parameters)
                parameter.IsTrained = train && parameter.Name.Length > 0;
        }

        private IEnumerable<Parameter> Trained => _model.Graph.Parameters.Where(parameter => parameter.IsTrained);

        public double Loss(Batch batch, bool pushes = false, bool pulls = false)
        {
            _tape.Clear();
            (_tape.Batch, _tape.Pushes, _tape.Pulls) = (batch, pushes, pulls);
            Loss loss = CrossEntropy.Of(_tape, _model.Graph.Vectors(_tape), _model.Graph.Head());
            if (pulls)
                _tape.Pull();
            return pushes ? loss.Tangent : loss.Mean;
        }

        public float[][] Logits(Batch batch)
        {
            _tape.Clear();
            (_tape.Batch, _tape.Pulls) = (batch, false);
            Value vectors = _model.Graph.Vectors(_tape);
            Matrix logits = _model.Graph.Head().Logits(_tape, vectors.Result);
            float[][] rows = new float[logits.Rows][];
            for (int i = 0; i < rows.Length; i++)
                rows[i] = logits[i].ToArray();
            return rows;
        }

        /// <summary>Gives every parameter a random direction.</summary>
        public void Turn(int seed)
        {
            var random = new Random(seed);
            foreach (Parameter parameter in Trained)
            {
                float size = 0;
                foreach (float value in parameter.Values)
                    size += value * value;
                size = MathF.Sqrt(size / parameter.Length);
                foreach (ref float value in parameter.Tangent.Values)
                    value = size * (float)((2 * random.NextDouble()) - 1);
            }
        }

        public double Pulled(Batch batch)
        {
            Loss(batch, pulls: true);
            double sum = 0;
            foreach (Parameter parameter in Trained)
            {
                for (int i = 0; i < parameter.Length; i++)
                    sum += (double)parameter.Gradient.Values[i] * parameter.Tangent.Values[i];
            }

            return sum;
        }

        public double Pushed(Batch batch) => Loss(batch, pushes: true);

        public double Difference(Batch batch, float step)
        {
            Move(step);
            double ahead = Loss(batch);
            Move(-2 * step);
            double behind = Loss(batch);
            Move(step);
            return (ahead - behind) / (2 * step);
        }

        public void Dispose()
        {
            _tape.Dispose();
            _model.Dispose();
            _team.Dispose();
            _file.Dispose();
        }

        private void Move(float step)
        {
            foreach (Parameter parameter in Trained)
            {
                for (int i = 0; i < parameter.Length; i++)
                    parameter.Values[i] += step * parameter.Tangent.Values[i];
            }
        }
    }
}
