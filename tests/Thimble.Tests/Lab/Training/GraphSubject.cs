using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Training;

/// <summary>A model on a tape.</summary>
internal sealed class GraphSubject : IDisposable
{
    private readonly ModelFile _file;
    private readonly TrainedModel _model;
    private readonly Team _team = new(2);
    private readonly Tape _tape;

    public GraphSubject(string path, bool train = false)
        : this(ModelFile.Open(path), train)
    {
    }

    public GraphSubject(ModelFile file, bool train = false)
    {
        _file = file;
        _model = new TrainedModel(_file, context: 256);
        _tape = new Tape(_team);
        foreach (Parameter parameter in _model.Graph.Parameters)
            parameter.IsTrained = train && parameter.Name.Length > 0;
    }

    public bool Recomputes
    {
        set => _model.Graph.Recomputes = value;
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

    /// <summary>Takes a few steps, and says how far parameters with something in their names moved.</summary>
    public double Learn(Batch batch, string named)
    {
        Parameter[] watched = [.. Trained.Where(parameter => parameter.Name.Contains(named, StringComparison.Ordinal))];
        float[] before = [.. watched.SelectMany(parameter => parameter.Values.ToArray())];
        using var trainer = new Trainer(_model.Graph, new() { Steps = 3, Optimiser = new() { Rate = 1e-2f, Decay = 0 }, Threads = 2 });
        for (int i = 0; i < 3; i++)
            trainer.Step([batch]);
        return watched.SelectMany(parameter => parameter.Values.ToArray()).Zip(before, (now, then) => Math.Abs((double)now - then)).Sum();
    }

    public void Save(string path) => _model.Save(path);

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
