using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Adapters;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Lab.Training.Adapters;

/// <summary>A small frozen model with an adapter on a tape.</summary>
internal sealed class AdaptedModel : IDisposable
{
    private readonly Team _team = new(2);

    public AdaptedModel(string path, TrainedAdapterOptions? options = null, int seed = 3)
    {
        File = ModelFile.Open(path);
        Options = options;
        Model = new TrainedModel(File, context: 256, frozen: true, options?.Base);
        Tape = new Tape(_team);
        if (options is not null)
            LlmAdapters.Attach(Graph, options, seed);
    }

    /// <summary>260,000 numbers of the Llama line that write stories.</summary>
    public static string Stories => Golden.Path("stories260K/stories260K.bin");

    /// <summary>Text for it, in its tokens.</summary>
    public static int[] Text { get; } = [1, 403, 407, 261, 378, 25, 31, 263, 377, 400, 290, 416, 265, 300, 315, 268];

    public static Batch Batch { get; } = Batch.Of([Text[..9], Text[8..]]);

    public ModelFile File { get; }

    public TrainedAdapterOptions? Options { get; }

    public TrainedModel Model { get; }

    public Graph Graph => Model.Graph;

    public Tape Tape { get; }

    public Parameter[] Trained => [.. Graph.Parameters.Where(parameter => parameter.IsTrained)];

    /// <summary>Moves all that is trained away from where it begins.</summary>
    public AdaptedModel Stir(int seed = 7, float size = 0.15f)
    {
        var random = new Random(seed);
        foreach (Parameter parameter in Trained)
        {
            foreach (ref float value in parameter.Values)
                value += size * (float)((2 * random.NextDouble()) - 1);
        }

        return this;
    }

    /// <summary>Gives all that is trained a random direction.</summary>
    public AdaptedModel Turn(int seed = 5)
    {
        var random = new Random(seed);
        foreach (Parameter parameter in Trained)
        {
            foreach (ref float value in parameter.Tangent.Values)
                value = 0.1f * (float)((2 * random.NextDouble()) - 1);
        }

        return this;
    }

    public Loss Loss(Batch batch, bool pushes = false, bool pulls = false)
    {
        Tape.Clear();
        (Tape.Batch, Tape.Pushes, Tape.Pulls) = (batch, pushes, pulls);
        Loss loss = CrossEntropy.Of(Tape, Graph.Vectors(Tape), Graph.Head());
        if (pulls)
            Tape.Pull();
        return loss;
    }

    /// <summary>The gradient along the direction.</summary>
    public double Pulled(Batch batch)
    {
        Loss(batch, pulls: true);
        return Trained.Sum(parameter => Enumerable.Range(0, parameter.Length).Sum(i => (double)parameter.Gradient.Values[i] * parameter.Tangent.Values[i]));
    }

    public double Difference(Batch batch, float step)
    {
        Move(step);
        double ahead = Loss(batch).Mean;
        Move(-2 * step);
        double behind = Loss(batch).Mean;
        Move(step);
        return (ahead - behind) / (2 * step);
    }

    /// <summary>Logits of a text's rows.</summary>
    public float[][] Logits(int[] text)
    {
        Tape.Clear();
        (Tape.Batch, Tape.Pulls) = (Batch.Of([[.. text, 0]]), false);
        Value vectors = Graph.Vectors(Tape);
        Matrix logits = Graph.Head().Logits(Tape, vectors.Result);
        int lead = Graph.Lead?.Count ?? 0;
        float[][] rows = new float[text.Length][];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = logits[lead + i].ToArray();
        return rows;
    }

    /// <summary>Logits that inference computes with the adapter as it is written at a path.</summary>
    public float[][] Served(string path, int[] text, int chunk = 5)
    {
        LlmAdapters.Save(path, Graph, Options!, File);
        using var runs = new Runs(File.Path);
        Adaptation adaptation = AdapterFile.Read(path, runs.File, file => new AdapterFit(file, runs.File, runs.Decoder).Run());
        if (adaptation.Lead is not { } lead)
            return runs.Logits(text, chunk, AdaptationSet.Of([new(adaptation)]));
        var inserts = new Inserts();
        inserts.Add(0, lead);
        return runs.Logits([.. lead.Ids, .. text], chunk, inserts)[lead.Count..];
    }

    /// <summary>Learns by heart, and says how much of the loss is left.</summary>
    public double Learn(int steps, float rate = 0.01f)
    {
        double before = Loss(Batch).Mean;
        using var trainer = new Trainer(Graph, new TrainerOptions { Steps = steps, Optimiser = new OptimiserOptions { Rate = rate, Decay = 0 }, Threads = 1 });
        for (int i = 0; i < steps; i++)
            trainer.Step([Batch]);
        return Loss(Batch).Mean / before;
    }

    public void Dispose()
    {
        Tape.Dispose();
        Model.Dispose();
        _team.Dispose();
        File.Dispose();
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
