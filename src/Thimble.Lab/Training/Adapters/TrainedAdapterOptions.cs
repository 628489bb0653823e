namespace Thimble.Lab.Training;

/// <summary>An adapter to train in place of a model.</summary>
public sealed record TrainedAdapterOptions
{
    /// <summary>One of <c>dora</c>, <c>lora</c>, <c>p_tuning</c>, <c>parallel</c>, <c>prefix</c>, <c>prompt</c>, <c>scaled_parallel</c>, <c>series</c>.</summary>
    public string Kind { get; init; } = "lora";

    /// <summary>Rows of the inner matrices: the rank, or the width of a narrow network.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Over the rank, the factor on what a low-rank change adds.</summary>
    public float Alpha { get; init; } = 16;

    /// <summary>Whether it is over the root of the rank instead.</summary>
    public bool RankStabilised { get; init; }

    /// <summary>Share of a low-rank change's inputs dropped while it learns, in [0, 1).</summary>
    public float Dropout { get; init; }

    /// <summary>A regular expression that names the weights it changes; null for what its kind usually changes.</summary>
    public string? Targets { get; init; }

    /// <summary>The function inside of a narrow network: <c>gelu</c>, <c>relu</c>, <c>silu</c> or <c>tanh</c>.</summary>
    public string Function { get; init; } = "tanh";

    /// <summary>Factor on what a narrow network gives; of <c>scaled_parallel</c>, what the trained factor begins as.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Whether a series adapter stands before its weight, not behind it.</summary>
    public bool Before { get; init; }

    /// <summary>Rows of a prompt or prefix.</summary>
    public int Tokens { get; init; } = 10;

    /// <summary>The text whose first tokens a prompt or prefix begins as; null for tokens at random.</summary>
    public string? Text { get; init; }

    /// <summary>Features inside the network that computes a prefix or a P-tuned prompt; 0 for no network, and for a prompt as many as a token vector has.</summary>
    public int Hidden { get; init; }

    /// <summary>Whether the outcome is the model with the adapter put into its weights, not the adapter alone.</summary>
    public bool Merge { get; init; }

    /// <summary>The format the frozen matrices are kept in while it trains: <c>nf4</c> (QLoRA); null for that of their file.</summary>
    public string? Base { get; init; }

    internal static TrainedAdapterOptions Read(RecipeKeys keys, bool plain)
    {
        var made = new TrainedAdapterOptions();
        string kind = plain ? "lora" : keys.Text("kind") ?? made.Kind;
        made = made with
        {
            Kind = kind,
            Rank = keys.Whole("rank") ?? made.Rank,
            Alpha = keys.Number("alpha") ?? made.Alpha,
            RankStabilised = keys.Flag("rank_stabilised") ?? false,
            Dropout = keys.Number("dropout") ?? 0,
            Targets = keys.Text("targets"),
            Merge = keys.Flag("merge") ?? plain,
            Base = keys.Text("base"),
        };
        if (!plain)
        {
            made = made with
            {
                Function = keys.Text("function") ?? made.Function,
                Scale = keys.Number("scale") ?? (kind == "scaled_parallel" ? 4 : made.Scale),
                Before = keys.Flag("before") ?? false,
                Tokens = keys.Whole("tokens") ?? made.Tokens,
                Text = keys.Text("text"),
                Hidden = keys.Whole("hidden") ?? 0,
            };
        }

        keys.RequireAllUsed();
        return made.Rank > 0 && made.Tokens > 0 && made.Dropout is >= 0 and < 1
            ? made
            : throw new InvalidDataException($"Recipe '{keys.Path()}': an adapter has rank {made.Rank}, {made.Tokens} tokens and dropout {made.Dropout}; expected a rank and tokens above 0, and a dropout from 0 to below 1.");
    }
}
