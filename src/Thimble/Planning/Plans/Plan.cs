namespace Thimble.Planning;

/// <summary>How to run a model, and what that is predicted to take.</summary>
public sealed record Plan
{
    private const int PageTokens = Compute.Memory.KeyValueStore.PageTokens;

    /// <summary>The weights' format, as most of them have it.</summary>
    public required string WeightFormat { get; init; }

    /// <summary>Whether the model has another format and must be quantised first.</summary>
    public bool Quantises { get; init; }

    /// <summary>How keys and values are stored.</summary>
    public string CacheFormat { get; init; } = "F16";

    /// <summary>Tokens that a sequence holds.</summary>
    public int Context { get; init; }

    /// <summary>Sequences side by side.</summary>
    public int Users { get; init; } = 1;

    /// <summary>Threads that compute.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Prompt tokens computed in one step.</summary>
    public int PrefillChunk { get; init; } = 512;

    /// <summary>Where the weights lie: <c>memory</c>, packed for speed, or <c>mapped</c>, as they lie in the file, which the system reads as it needs.</summary>
    public string Residency { get; init; } = "memory";

    /// <summary>The share of the weights that is read from the disk for every token.</summary>
    public double FromDisk { get; init; }

    /// <summary>The model that drafts, and how many tokens; null for none.</summary>
    public (string Model, int Tokens)? Drafter { get; init; }

    /// <summary>Bytes of weights in memory.</summary>
    public double WeightBytes { get; init; }

    /// <summary>Bytes of keys, values and states of all sequences at their full length.</summary>
    public double CacheBytes { get; init; }

    /// <summary>Bytes of activations, a drafter's weights, and what a process takes anyway.</summary>
    public double OtherBytes { get; init; }

    /// <summary>All bytes of memory.</summary>
    public double MemoryBytes => WeightBytes + CacheBytes + OtherBytes;

    /// <summary>Time to the first token.</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>Time of each further token of one sequence, at the end of a full context.</summary>
    public TimeSpan PerToken { get; init; }

    /// <summary>Tokens a second of all sequences together.</summary>
    public double TokensPerSecond => PerToken > TimeSpan.Zero ? Users / PerToken.TotalSeconds : 0;

    /// <summary>What bounds a token.</summary>
    public string Bound { get; init; } = "";

    /// <summary>About what is lost in quality: 0 for nothing, 0.01 for what four and a half bits lose.</summary>
    public double Loss { get; init; }

    /// <summary>Why it is as it is, a sentence for each choice.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The choices as the options of a model.</summary>
    /// <param name="options">What else is asked for.</param>
    public ModelOptions Apply(ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            Threads = Threads,
            ContextLength = Context,
            CacheFormat = CacheFormat,
            PrefillChunk = PrefillChunk,
            Packed = Residency == "memory" && options.Packed,
            Draft = Drafter?.Model ?? options.Draft,
            CacheTokens = (Context + PageTokens - 1) / PageTokens * (long)PageTokens * Users,
        };
    }

    /// <summary>The choices in one line.</summary>
    public override string ToString() =>
        $"{WeightFormat}{(Quantises ? " (to be quantised)" : "")}, cache {CacheFormat}, context {Context} x {Users}, {Threads} threads, prompts by {PrefillChunk}, weights {(FromDisk > 0 ? FormattableString.Invariant($"{Residency}, {100 * FromDisk:F0} % from disk") : Residency)}{(Drafter is { } drafter ? $", {drafter.Tokens} tokens drafted by {Path.GetFileName(drafter.Model)}" : "")}";
}

/// <summary>A constraint that no plan keeps.</summary>
/// <param name="Constraint">Its name: <c>memory</c>, <c>first token</c> or <c>per token</c>.</param>
/// <param name="Asked">What was asked, in bytes or seconds.</param>
/// <param name="Nearest">What the nearest plan takes.</param>
/// <param name="Best">The least that any plan takes, whatever else it breaks.</param>
public sealed record Shortfall(string Constraint, double Asked, double Nearest, double Best)
{
    /// <summary>It in words.</summary>
    public override string ToString() => Constraint == "memory"
        ? FormattableString.Invariant($"memory: {Asked / 1e9:G3} GB asked, {Nearest / 1e9:G3} GB needed by the nearest plan ({Best / 1e9:G3} GB at the least)")
        : FormattableString.Invariant($"{Constraint}: {Asked * 1e3:G4} ms asked, {Nearest * 1e3:G4} ms predicted for the nearest plan ({Best * 1e3:G4} ms at best)");
}

/// <summary>What planning found.</summary>
/// <param name="Model">The model.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Best">The plan; null where none keeps the budget.</param>
/// <param name="RunnerUp">The next best plan that differs in more than its chunk; null for none.</param>
/// <param name="Nearest">Where none keeps the budget, the plan that breaks it least.</param>
/// <param name="Shortfalls">What the nearest plan breaks, and by how much.</param>
/// <param name="Tried">How many plans were weighed.</param>
public sealed record PlanningResult(string Model, string Machine, Plan? Best, Plan? RunnerUp, Plan? Nearest, IReadOnlyList<Shortfall> Shortfalls, int Tried)
{
    /// <summary>What would have to change for the nearest plan to keep the budget, as options; empty where a plan was found.</summary>
    public string Remedy => string.Join(" ", Shortfalls.Select(shortfall => shortfall.Constraint switch
    {
        "memory" => FormattableString.Invariant($"--memory {Math.Ceiling(shortfall.Nearest / 1e7) / 100:F2}GB"),
        "first token" => FormattableString.Invariant($"--ttft {Math.Ceiling(shortfall.Nearest * 1e3)}ms"),
        _ => FormattableString.Invariant($"--tpot {Math.Ceiling(shortfall.Nearest * 1e3)}ms"),
    }));

    /// <summary>The plan, or the complaint that there is none.</summary>
    /// <exception cref="CapacityException">No plan keeps the budget; the message says which constraint, by how much, and the nearest plan that works.</exception>
    public Plan Required() => Best ?? throw new CapacityException(
        $"No plan for '{Model}' on {Machine} keeps the budget. {string.Join("; ", Shortfalls)}. The nearest is {Nearest}; it works with {Remedy}.",
        (long)(Nearest?.MemoryBytes ?? 0), (long)(Shortfalls.FirstOrDefault(shortfall => shortfall.Constraint == "memory")?.Asked ?? Nearest?.MemoryBytes ?? 0));
}
