using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Adapters;
using Thimble.Models.Chat;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>A recipe carried out: model and texts opened, steps taken, checkpoints kept, the outcome written.</summary>
public sealed class TrainingRun : IDisposable
{
    private const int CachedTokens = 100_000;   // fewer are read in no time

    private readonly TrainingRecipe _recipe;
    private readonly ModelFile _file;
    private readonly TrainedModel _model;
    private readonly ITrainer _trainer;
    private readonly ReplayLog? _log;
    private readonly Batches _batches;
    private readonly List<Sample> _learnt = [], _heldOut = [];
    private readonly List<string> _broken = [];

    /// <summary>Opens what a recipe names, and goes on from its checkpoint if there is one.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="FileNotFoundException">A model or text is not there.</exception>
    /// <exception cref="InvalidDataException">A model or checkpoint is damaged, or there is nothing to learn from.</exception>
    /// <exception cref="NotSupportedException">The model has a block that cannot be trained.</exception>
    public TrainingRun(TrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        _recipe = recipe;
        _file = Begin(recipe);
        _model = new TrainedModel(_file, recipe.Length, frozen: recipe.Adapter is not null, recipe.Adapter?.Base);
        Thaw(_model, _file, recipe);
        _model.Graph.Sparse = recipe.Sparse is { } sparse ? new(sparse) : null;
        _model.Graph.Exits = recipe.Exits?.Of(_model.Graph.Decoder.Layers.Count) ?? [];
        Read();
        _batches = new Batches(_learnt, recipe.BatchTokens, recipe.Seed);
        _trainer = recipe.ZerothOrder is { } zeroth
            ? new ZoBench(_model.Graph, recipe.Trainer, zeroth, recipe.Seed)
            : new Trainer(_model.Graph, recipe.Trainer) { Objective = Objective() };
        if (File.Exists(CheckpointPath))
            _batches.Skip(TrainingCheckpoint.Load(CheckpointPath, _trainer, recipe.Fingerprint).Given);
        if (_trainer is not ZoBench written || recipe.ZerothOrder?.Log is not { } log)
            return;
        _log = ReplayLog.Open(log, recipe.Text, ModelHash.Of(_file), (long)Steps * written.EntriesPerStep);
        written.Written = _log.Append;
    }

    /// <summary>Lays a log of a training by losses alone on its base: the outcome is that of the training, bit for bit.</summary>
    /// <param name="log">The log.</param>
    /// <param name="model">The base.</param>
    /// <param name="output">Where the outcome is written, as the recipe's output would be.</param>
    /// <returns>Steps that were taken.</returns>
    /// <exception cref="FileNotFoundException">The log or the base is not there.</exception>
    /// <exception cref="InvalidDataException">The log is none, cut, or of another base.</exception>
    public static int Replay(string log, string model, string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        (string text, ModelHash made, (uint Seed, float Slope)[] entries) = ReplayLog.Read(log);
        TrainingRecipe recipe = TrainingRecipe.Parse(log, text) with { Model = model, New = null, Output = Path.GetFullPath(output) };
        using var file = ModelFile.Open(model);
        var own = ModelHash.Of(file);
        if (own != made)
            throw new InvalidDataException($"Log '{log}' is of another base than '{model}': its hash is {made.Content[..12]}…, the model's {own.Content[..12]}…. To the bit it can be laid on its own base only.");
        using var trained = new TrainedModel(file, recipe.Length, frozen: recipe.Adapter is not null, recipe.Adapter?.Base);
        Thaw(trained, file, recipe);
        using var trainer = new ZoBench(trained.Graph, recipe.Trainer, recipe.ZerothOrder ?? throw new InvalidDataException($"The recipe in log '{log}' has no key 'zeroth_order'."), recipe.Seed);
        if (entries.Length % trainer.EntriesPerStep != 0)
            throw new InvalidDataException($"Log '{log}' has {entries.Length} entries, no whole number of steps of {trainer.EntriesPerStep}; it was cut.");
        for (int at = 0; at < entries.Length; at += trainer.EntriesPerStep)
            trainer.Replay(entries.AsSpan(at, trainer.EntriesPerStep));
        Save(trained, file, recipe);
        return trainer.Steps;
    }

    /// <summary>Steps taken, in this run and those it goes on from.</summary>
    public int Steps => _trainer.Steps;

    /// <summary>Numbers that are trained.</summary>
    public long Trained => _trainer.Trained.Sum(parameter => (long)parameter.Length);

    /// <summary>Tokens of the texts that are learnt from, and of those held out.</summary>
    public (long Learnt, long HeldOut) Tokens => (_batches.Rows, _heldOut.Sum(sample => (long)sample.Tokens.Length - 1));

    /// <summary>Lines of texts that could not be read, each with file, number and why.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>Bytes of gradients, optimiser memory and activations at their highest so far.</summary>
    public long Bytes => _trainer.Bytes + _model.Bytes;

    /// <summary>Of each head that looks further ahead, the share of tokens that were its likeliest at the end; empty before that.</summary>
    public IReadOnlyList<double> Heads { get; private set; } = [];

    /// <summary>Where those heads are written.</summary>
    public string HeadsPath => MedusaRun.PathOf(_recipe.Output);

    /// <summary>Where the training goes on from when it is run again.</summary>
    public string CheckpointPath => _recipe.Output + ".checkpoint";

    /// <summary>Trains to the end.</summary>
    /// <param name="progress">Told of each step, and of each evaluation.</param>
    /// <param name="cancellationToken">Ends it after the current step; a checkpoint is kept.</param>
    /// <returns>The held-out loss at the end, in nats a token; NaN where nothing is held out.</returns>
    /// <exception cref="InvalidDataException">The loss became no number; the last checkpoint is kept.</exception>
    public double Train(IProgress<TrainingNews>? progress = null, CancellationToken cancellationToken = default)
    {
        double best = double.PositiveInfinity, latest = double.NaN;
        int waited = 0;
        while (Steps < _recipe.Trainer.Steps && !cancellationToken.IsCancellationRequested)
        {
            TrainingStep step = _trainer.Step([.. Enumerable.Range(0, _recipe.Accumulate).Select(_ => _batches.Next())]);
            bool last = Steps == _recipe.Trainer.Steps;
            double? heldOut = _heldOut.Count > 0 && (last || Steps % Math.Max(1, _recipe.EvaluateEvery) == 0) ? Evaluate() : null;
            progress?.Report(new TrainingNews(step, heldOut));
            if (last || Steps % Math.Max(1, _recipe.CheckpointEvery) == 0)
                Keep();
            if (heldOut is not { } loss)
                continue;
            (latest, waited) = (loss, loss < best ? 0 : waited + 1);
            best = Math.Min(best, loss);
            if (_recipe.Patience > 0 && waited >= _recipe.Patience)
                break;
        }

        Keep();
        if (cancellationToken.IsCancellationRequested)
            return latest;
        Save();
        if (_recipe.Medusa is { } medusa)
            Heads = MedusaRun.Run(_recipe, medusa, _learnt, cancellationToken);
        return latest;
    }

    /// <summary>The mean loss over what is held out, in nats a token.</summary>
    public double Evaluate() => _trainer.Evaluate(Batches.Once(_heldOut, _recipe.BatchTokens)).Mean;

    /// <summary>Writes the model as it is now to the recipe's output; adapters alone, or merged into it where it says so.</summary>
    public void Save() => Save(_model, _file, _recipe);

    private static void Save(TrainedModel model, ModelFile file, TrainingRecipe recipe)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(recipe.Output)!);
        if (recipe.Adapter is null)
        {
            model.Save(recipe.Output);
            return;
        }

        if (!recipe.Adapter.Merge)
        {
            LlmAdapters.Save(recipe.Output, model.Graph, recipe.Adapter, file);
            return;
        }

        if (model.Graph.Lead is not null)
            throw new NotSupportedException($"An adapter of kind '{recipe.Adapter.Kind}' is no part of weights and cannot be merged; leave out 'merge: true' to write it beside the model.");
        using var whole = new TrainedModel(file, recipe.Length);
        using var team = new Team(1);
        using var gemm = new Gemm(team);
        foreach ((Parameter frozen, IChange change) in model.Graph.Changes)
        {
            Parameter weight = whole.Graph.Parameters.First(parameter => parameter.Name == frozen.Name);
            change.Merge(gemm, new Matrix(weight.Values, weight.Columns));
        }

        whole.Save(recipe.Output);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        _log?.Dispose();
        _trainer.Dispose();
        ((_trainer as Trainer)?.Objective as IDisposable)?.Dispose();
        _model.Dispose();
        _file.Dispose();
    }

    private void Keep()
    {
        _log?.Flush();   // before the checkpoint, which counts on its entries
        new TrainingCheckpoint(Steps, _batches.Given, _recipe.Fingerprint).Save(CheckpointPath, _trainer);
    }

    private Objective Objective()
    {
        if (_recipe.Preference is { } preference)
        {
            return preference.Way == "orpo" ? new Orpo(preference.Beta)
                : new Dpo(new Teacher(Begin(_recipe), student: null, _recipe.Length), preference.Beta);
        }

        if (_recipe.Teacher is not { Way: not "sequence" } taught)
            return _recipe.Exits is { } exits ? new EarlyExits(exits.Weight) : Training.Objective.NextToken;
        var tokenizer = Tokenizer.From(_file.Metadata);
        OnPolicy? policy = taught.Way == "on-policy" ? new(taught.Prompt, taught.Tokens, tokenizer.EndOfText, _recipe.Seed) : null;
        return new TeacherObjective(new Teacher(taught.Teacher, tokenizer, _recipe.Length), taught, policy);
    }

    /// <summary>The model as it is before training.</summary>
    private static ModelFile Begin(TrainingRecipe recipe)
    {
        ModelFile file = recipe.New is { } made ? NewModel.Make(made, recipe.Seed) : ModelFile.Open(recipe.Model!);
        if (recipe.Grow is { } grown)
            file = Growth.Of(file, grown, recipe.Seed);
        if (recipe.Sparse is not null)
            file = SparseActivations.Rectified(file);
        return recipe.Experts is { } experts ? Upcycling.Of(file, experts, recipe.Seed) : file;
    }

    /// <summary>Marks what is trained: all floats of the model, or an adapter on the weights that the recipe names.</summary>
    private static void Thaw(TrainedModel model, ModelFile file, TrainingRecipe recipe)
    {
        if (recipe.Adapter is { } adapter)
        {
            LlmAdapters.Attach(model.Graph, adapter, recipe.Seed, text => Tokenizer.From(file.Metadata).Encode(text));
            return;
        }

        foreach (Parameter parameter in model.Graph.Parameters)
            parameter.IsTrained = parameter.Name.Length > 0 && parameter.IsFloat;
    }

    private (Sample[] Samples, string[] Broken) Read(TrainingText file, Tokenizer tokenizer, ChatTemplate? template)
    {
        var reader = new SampleReader(tokenizer, template);
        Sample[] samples = [.. reader.Read(file.Path, file.Kind).SelectMany(sample => sample.Cut(_recipe.Length)).Where(sample => sample.Learnt?.Skip(1).Contains(true) ?? true).Take(file.Most)];
        return (samples, [.. reader.Broken]);
    }

    private void Read()
    {
        var tokenizer = Tokenizer.From(_file.Metadata);
        ChatTemplate? template = _file.Metadata.FindText("tokenizer.chat_template") is { } text ? ChatTemplate.Parse(text) : null;
        string key = SampleCache.Key(_recipe, _file.Metadata), cache = _recipe.Output + ".tokens";
        List<(Sample[] Samples, string[] Broken)>? texts = SampleCache.Find(cache, key);
        if (texts is null)
        {
            texts = [.. _recipe.Texts.Select(file => Read(file, tokenizer, template))];
            if (texts.Sum(text => text.Samples.Sum(sample => (long)sample.Tokens.Length)) >= CachedTokens)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(cache)!);
                SampleCache.Keep(cache, key, texts);
            }
        }

        foreach ((TrainingText file, (Sample[] samples, string[] broken)) in _recipe.Texts.Zip(texts))
        {
            _broken.AddRange(broken);
            int kept = samples.Length - (int)(samples.Length * _recipe.HeldOut);
            _heldOut.AddRange(samples[kept..].Select(sample => sample with { Rejected = null }));
            for (int i = 0; i < file.Repeat; i++)
                _learnt.AddRange(samples[..kept]);
        }

        if (_recipe.Teacher is { Way: "sequence" } teacher && _learnt.Count > 0)
        {
            Sample[] written = [.. Task.Run(() => SequenceLevel.WriteAsync(teacher, _learnt, tokenizer, _recipe.Seed)).GetAwaiter().GetResult().SelectMany(sample => sample.Cut(_recipe.Length))];
            _learnt.Clear();
            _learnt.AddRange(written.Where(sample => sample.Learnt!.Skip(1).Contains(true)));
        }

        if (_learnt.Count == 0)
            throw new InvalidDataException($"The recipe's texts hold nothing to learn from ({_broken.Count} broken lines).");
    }
}

/// <summary>What a training has to say.</summary>
/// <param name="Step">The step taken.</param>
/// <param name="HeldOut">The held-out loss, where it was measured after this step.</param>
public readonly record struct TrainingNews(TrainingStep Step, double? HeldOut);
