using System.Security.Cryptography;
using System.Text;

namespace Thimble.Lab.Training;

/// <summary>What is trained, on what, and how: one YAML file.</summary>
public sealed record TrainingRecipe
{
    /// <summary>The model to begin from: a path; null for a new one.</summary>
    public string? Model { get; init; }

    /// <summary>What <see cref="Model"/> grows to before it is trained on; null for what it is.</summary>
    public GrowthOptions? Grow { get; init; }

    /// <summary>How its feed-forward blocks become sparse; null where they stay as they are.</summary>
    public SparseOptions? Sparse { get; init; }

    /// <summary>Into how many experts its feed-forward blocks are copied before it is trained; null where they stay as they are.</summary>
    public ExpertOptions? Experts { get; init; }

    /// <summary>Earlier layers that learn to foretell the text too; null for none.</summary>
    public ExitOptions? Exits { get; init; }

    /// <summary>Heads that look further ahead, trained when the model is; null for none.</summary>
    public MedusaOptions? Medusa { get; init; }

    /// <summary>What of the recipe is not followed since a file is not there, each as a sentence.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The model to make; null where <see cref="Model"/> is trained on.</summary>
    public NewModelOptions? New { get; init; }

    /// <summary>What to learn from.</summary>
    public required IReadOnlyList<TrainingText> Texts { get; init; }

    /// <summary>Share of the samples, the last ones of each file, held out for evaluation.</summary>
    public double HeldOut { get; init; } = 0.02;

    /// <summary>An adapter to train in place of the model; null for the model itself.</summary>
    public TrainedAdapterOptions? Adapter { get; init; }

    /// <summary>Who it learns from, beside the texts; null for nobody.</summary>
    public DistillationOptions? Teacher { get; init; }

    /// <summary>How it learns to prefer one answer to another; null where texts are simply learnt.</summary>
    public PreferenceOptions? Preference { get; init; }

    /// <summary>How it trains.</summary>
    public TrainerOptions Trainer { get; init; } = new();

    /// <summary>Tokens of a batch.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>Batches of a step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>The longest sample; longer texts are cut.</summary>
    public int Length { get; init; } = 256;

    /// <summary>Names all that is drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps between two evaluations.</summary>
    public int EvaluateEvery { get; init; } = 100;

    /// <summary>Evaluations without a better loss after which it stops; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Where the outcome is written: a GGUF file; of an adapter, a folder as PEFT writes it, or a GGUF file for plain LoRA.</summary>
    public required string Output { get; init; }

    /// <summary>How it trains by losses alone; null for gradients.</summary>
    public ZerothOrderOptions? ZerothOrder { get; init; }

    /// <summary>All its keys, as YAML.</summary>
    internal string Text { get; private init; } = "";

    /// <summary>Names what is trained and how, so that a checkpoint of another recipe is not gone on from.</summary>
    public string Fingerprint { get; private init; } = "";

    /// <summary>Reads a recipe. Its paths are seen from its own folder.</summary>
    /// <param name="path">The YAML file.</param>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no YAML, or a key is unknown, missing or of a wrong kind; the message names key and line.</exception>
    public static TrainingRecipe Load(string path) => Load(path, []);

    /// <summary>Reads a recipe some of whose keys are said anew.</summary>
    /// <param name="path">The YAML file; null where the keys say all.</param>
    /// <param name="said">Keys, with dots where one stands inside of another, and their values, written as in the file.</param>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no YAML, or a key is unknown, missing or of a wrong kind; the message names key and line.</exception>
    public static TrainingRecipe Load(string? path, IReadOnlyList<KeyValuePair<string, string>> said)
    {
        ArgumentNullException.ThrowIfNull(said);
        string text = "";
        RecipeKeys keys = path is null ? RecipeKeys.None("command line") : RecipeKeys.Load(path, out text);
        foreach ((string key, string value) in said)
        {
            keys.Say(key, value);
            text += $"\n{key}={value}";
        }

        return Read(keys) with { Text = keys.Written(), Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) };
    }

    /// <summary>Reads a recipe from its text.</summary>
    internal static TrainingRecipe Parse(string source, string text) => Read(RecipeKeys.Parse(source, text));

    private static TrainingRecipe Read(RecipeKeys keys)
    {
        var optimiser = new OptimiserOptions();
        optimiser = optimiser with
        {
            Name = keys.Text("optimiser") ?? optimiser.Name,
            Rate = keys.Number("rate") ?? optimiser.Rate,
            Decay = keys.Number("decay") ?? optimiser.Decay,
            Beta1 = keys.Number("beta1") ?? optimiser.Beta1,
            Beta2 = keys.Number("beta2") ?? optimiser.Beta2,
        };
        var schedule = new Schedule();
        schedule = schedule with { Shape = keys.Text("schedule") ?? schedule.Shape, WarmUp = keys.Whole("warm_up") ?? 0, Floor = keys.Number("floor") ?? schedule.Floor };
        var plain = new TrainerOptions();
        List<string> notes = [];
        var recipe = new TrainingRecipe
        {
            Model = keys.FirstPath("model", notes),
            Sparse = keys.Part("sparse") is { } sparse ? SparseOptions.Read(sparse) : null,
            Experts = keys.Part("experts") is { } experts ? ExpertOptions.Read(experts) : null,
            Exits = keys.Part("exits") is { } exits ? ExitOptions.Read(exits) : null,
            Medusa = keys.Part("medusa") is { } medusa ? MedusaOptions.Read(medusa) : null,
            Grow = keys.Part("grow") is { } grown ? GrowthOptions.Read(grown) : null,
            New = keys.Part("new") is { } made ? NewModelOptions.Read(made) : null,
            Texts = [.. keys.List("texts").Select(TrainingText.Read)],
            Output = keys.Path("output") ?? throw keys.Missing("output"),
            Adapter = keys.Part("adapter") is { } adapter ? TrainedAdapterOptions.Read(adapter, plain: false)
                : keys.Part("lora") is { } lora ? TrainedAdapterOptions.Read(lora, plain: true) : null,
            ZerothOrder = keys.Part("zeroth_order") is { } zeroth ? ZerothOrderOptions.Read(zeroth) : null,
            Teacher = keys.Part("teacher") is { } teacher ? DistillationOptions.Read(teacher, notes) : null,
            Preference = keys.Part("preference") is { } preference ? PreferenceOptions.Read(preference) : null,
            Trainer = plain with
            {
                Steps = keys.Whole("steps") ?? plain.Steps,
                Optimiser = optimiser,
                Schedule = schedule,
                Clip = keys.Number("clip") ?? plain.Clip,
                Recompute = keys.Flag("recompute") ?? plain.Recompute,
                Balance = keys.Number("balance") ?? plain.Balance,
                Threads = keys.Whole("threads"),
            },
        };
        recipe = recipe with
        {
            Notes = notes,
            HeldOut = keys.Number("held_out") ?? recipe.HeldOut,
            BatchTokens = keys.Whole("batch_tokens") ?? recipe.BatchTokens,
            Accumulate = keys.Whole("accumulate") ?? recipe.Accumulate,
            Length = keys.Whole("length") ?? recipe.Length,
            Seed = keys.Whole("seed") ?? recipe.Seed,
            EvaluateEvery = keys.Whole("evaluate_every") ?? recipe.EvaluateEvery,
            Patience = keys.Whole("patience") ?? recipe.Patience,
            CheckpointEvery = keys.Whole("checkpoint_every") ?? recipe.CheckpointEvery,
        };
        keys.RequireAllUsed();
        RecipeRules.Check(recipe, keys.Path());
        return recipe;
    }
}

/// <summary>A file of texts.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">How it is read: one of <c>SampleReader.Kinds</c>, such as <c>text</c> or <c>chat</c>.</param>
/// <param name="Repeat">How often each of its samples stands in the texts.</param>
/// <param name="Most">The most samples that are taken of it.</param>
public sealed record TrainingText(string Path, string Kind = "text", int Repeat = 1, int Most = int.MaxValue)
{
    internal static TrainingText Read(RecipeKeys keys)
    {
        var text = new TrainingText(keys.Path("path") ?? throw keys.Missing("path"), keys.Text("kind") ?? "text", keys.Whole("repeat") ?? 1, keys.Whole("most") ?? int.MaxValue);
        keys.RequireAllUsed();
        return text;
    }
}
