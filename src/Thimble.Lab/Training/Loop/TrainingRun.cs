using System.Text.RegularExpressions;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Chat;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>A recipe carried out: model and texts opened, steps taken, checkpoints kept, the outcome written.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly ModelFile _file;
    private readonly TrainedModel _model;
    private readonly Trainer _trainer;
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
        _file = recipe.New is { } made ? NewModel.Make(made, recipe.Seed) : ModelFile.Open(recipe.Model!);
        if (recipe.Grow is { } grown)
            _file = Growth.Of(_file, grown, recipe.Seed);
        _model = new TrainedModel(_file, recipe.Length, frozen: recipe.LowRank is not null);
        Thaw();
        Read();
        _batches = new Batches(_learnt, recipe.BatchTokens, recipe.Seed);
        _trainer = new Trainer(_model.Graph, recipe.Trainer) { Objective = Objective() };
        if (File.Exists(CheckpointPath))
            _batches.Skip(TrainingCheckpoint.Load(CheckpointPath, _trainer, recipe.Fingerprint).Given);
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
        if (!cancellationToken.IsCancellationRequested)
            Save();
        return latest;
    }

    /// <summary>The mean loss over what is held out, in nats a token.</summary>
    public double Evaluate() => _trainer.Evaluate(Batches.Once(_heldOut, _recipe.BatchTokens)).Mean;

    /// <summary>Writes the model as it is now to the recipe's output; adapters are merged into it.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_recipe.Output)!);
        if (_recipe.LowRank is null)
        {
            _model.Save(_recipe.Output);
            return;
        }

        using var whole = new TrainedModel(_file, _recipe.Length);
        using var team = new Team(1);
        using var gemm = new Gemm(team);
        foreach ((Parameter frozen, IChange change) in _model.Graph.Changes)
        {
            Parameter weight = whole.Graph.Parameters.First(parameter => parameter.Name == frozen.Name);
            ((LowRank)change).Merge(gemm, new Matrix(weight.Values, weight.Columns));
        }

        whole.Save(_recipe.Output);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        _trainer.Dispose();
        (_trainer.Objective as IDisposable)?.Dispose();
        foreach (IDisposable change in _model.Graph.Changes.Values.OfType<IDisposable>())
            change.Dispose();
        _model.Dispose();
        _file.Dispose();
    }

    private void Keep() => new TrainingCheckpoint(Steps, _batches.Given, _recipe.Fingerprint).Save(CheckpointPath, _trainer);

    private Objective Objective()
    {
        if (_recipe.Preference is { } preference)
        {
            return preference.Way == "orpo" ? new Orpo(preference.Beta)
                : new Dpo(new Teacher(_recipe.New is { } made ? NewModel.Make(made, _recipe.Seed) : Before(), student: null, _recipe.Length), preference.Beta);
        }

        if (_recipe.Teacher is not { Way: not "sequence" } taught)
            return Training.Objective.NextToken;
        var tokenizer = Tokenizer.From(_file.Metadata);
        OnPolicy? policy = taught.Way == "on-policy" ? new(taught.Prompt, taught.Tokens, tokenizer.EndOfText, _recipe.Seed) : null;
        return new Distillation(new Teacher(taught.Teacher, tokenizer, _recipe.Length), taught, policy);
    }

    /// <summary>The model as it is before training.</summary>
    private ModelFile Before() => _recipe.Grow is { } grown ? Growth.Of(ModelFile.Open(_recipe.Model!), grown, _recipe.Seed) : ModelFile.Open(_recipe.Model!);

    /// <summary>Marks what is trained: all floats of the model, or an adapter on the weights that the recipe names.</summary>
    private void Thaw()
    {
        if (_recipe.LowRank is not { } lora)
        {
            foreach (Parameter parameter in _model.Graph.Parameters)
                parameter.IsTrained = parameter.Name.Length > 0 && parameter.IsFloat;
            return;
        }

        var random = new Random(_recipe.Seed);
        var targets = new Regex(lora.Targets, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        foreach (Parameter parameter in _model.Graph.Parameters.Where(parameter => parameter.Rows > 1 && targets.IsMatch(parameter.Name)).ToArray())
            _model.Graph.Changes.Add(parameter, new LowRank(parameter, lora.Rank, lora.Alpha, random));
        if (_model.Graph.Changes.Count == 0)
            throw new ArgumentException($"No weight's name matches the adapter's 'targets', '{lora.Targets}'; weights have names such as 'blk.0.attn_q.weight'.");
    }

    private void Read()
    {
        var tokenizer = Tokenizer.From(_file.Metadata);
        ChatTemplate? template = _file.Metadata.FindText("tokenizer.chat_template") is { } text ? ChatTemplate.Parse(text) : null;
        foreach (TrainingText file in _recipe.Texts)
        {
            var reader = new SampleReader(tokenizer, template);
            Sample[] samples = [.. reader.Read(file.Path, file.Kind).SelectMany(sample => sample.Cut(_recipe.Length)).Where(sample => sample.Learnt?.Skip(1).Contains(true) ?? true).Take(file.Most)];
            _broken.AddRange(reader.Broken);
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
